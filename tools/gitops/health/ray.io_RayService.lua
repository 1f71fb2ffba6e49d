-- Conditions of a RayService, and their reasons: apis/ray/v1/rayservice_types.go of KubeRay 1.6.2.
local conditions = {}
for _, each in ipairs((obj.status or {}).conditions or {}) do
  conditions[each.type] = each
end

local ready = conditions["Ready"]
if ready == nil then
  return { status = "Progressing", message = "Waiting for KubeRay" }
end
if ready.status ~= "True" then
  local failed = { InitializingTimeout = true, ValidationFailed = true, ZeroServeEndpoints = true }
  return { status = failed[ready.reason] and "Degraded" or "Progressing", message = ready.message }
end
for _, name in ipairs({ "RollbackInProgress", "UpgradeInProgress" }) do
  local each = conditions[name]
  if each ~= nil and each.status == "True" then
    return { status = "Progressing", message = each.message }
  end
end
return { status = "Healthy", message = ready.message }

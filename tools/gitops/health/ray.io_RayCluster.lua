-- Conditions of a RayCluster: apis/ray/v1/raycluster_types.go of KubeRay 1.6.2. The check does not read
-- status.observedGeneration: KubeRay does not raise it if a change leaves the rest of the status as it is.
local status = obj.status or {}
local conditions = {}
for _, each in ipairs(status.conditions or {}) do
  conditions[each.type] = each
end

local function is_true(name)
  return conditions[name] ~= nil and conditions[name].status == "True"
end

local function get_message(name, default)
  return conditions[name] ~= nil and conditions[name].message or default
end

if is_true("RayClusterSuspended") and obj.spec ~= nil and obj.spec.suspend == true then
  return { status = "Suspended", message = "The RayCluster is suspended" }
end
if is_true("ReplicaFailure") then
  return { status = "Degraded", message = get_message("ReplicaFailure", "KubeRay can't create a pod") }
end
if obj.spec ~= nil and obj.spec.suspend == true then
  return { status = "Progressing", message = "KubeRay deletes the pods of the suspended RayCluster" }
end
if not is_true("HeadPodReady") then
  return { status = "Progressing", message = get_message("HeadPodReady", "Waiting for the head") }
end
if not is_true("RayClusterProvisioned") then
  return { status = "Progressing", message = get_message("RayClusterProvisioned", "Waiting for the workers") }
end
local ready, least = status.readyWorkerReplicas or 0, status.minWorkerReplicas or 0
if ready < least then
  return { status = "Progressing", message = ready .. " of at least " .. least .. " workers are ready" }
end
return { status = "Healthy", message = ready .. " workers are ready" }

-- Phases of a Schedule: pkg/apis/velero/v1/schedule_types.go of Velero 1.18.3.
local status = obj.status or {}
if status.phase == "FailedValidation" then
  return { status = "Degraded", message = (status.validationErrors or {})[1] or status.phase }
end
if obj.spec ~= nil and obj.spec.paused == true then
  return { status = "Suspended", message = "The schedule is paused" }
end
if status.phase == "Enabled" then
  return { status = "Healthy", message = status.phase }
end
return { status = "Progressing", message = "Waiting for Velero" }

-- Phases of a Backup: pkg/apis/velero/v1/backup_types.go of Velero 1.18.3.
local status = obj.status or {}
local phase = status.phase or "New"
local failed = {
  FailedValidation = true,
  Failed = true,
  PartiallyFailed = true,
  FinalizingPartiallyFailed = true,
  WaitingForPluginOperationsPartiallyFailed = true,
}
if phase == "Completed" then
  return { status = "Healthy", message = phase }
end
if failed[phase] then
  return { status = "Degraded", message = status.failureReason or (status.validationErrors or {})[1] or phase }
end
return { status = "Progressing", message = phase }

-- Phases of a BackupStorageLocation: pkg/apis/velero/v1/backupstoragelocation_types.go of Velero 1.18.3.
local status = obj.status or {}
if status.phase == "Available" then
  return { status = "Healthy", message = status.phase }
end
if status.phase == "Unavailable" then
  return { status = "Degraded", message = status.message or status.phase }
end
return { status = "Progressing", message = "Waiting for Velero" }

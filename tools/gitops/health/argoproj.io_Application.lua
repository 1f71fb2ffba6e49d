-- Argo CD waits for a wave of Applications only with this check (docs/operator-manual/health.md of Argo CD 3.6).
local hs = { status = "Progressing", message = "" }
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status or "Progressing"
  hs.message = obj.status.health.message or ""
end
return hs

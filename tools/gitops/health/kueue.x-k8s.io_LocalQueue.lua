-- Condition Active of a LocalQueue: apis/kueue/v1beta2/localqueue_types.go of Kueue 0.17.
for _, each in ipairs((obj.status or {}).conditions or {}) do
  if each.type == "Active" then
    if each.status == "True" then
      return { status = "Healthy", message = each.message }
    end
    if (obj.spec or {}).stopPolicy ~= nil and obj.spec.stopPolicy ~= "None" then
      return { status = "Suspended", message = each.message }
    end
    return { status = "Degraded", message = each.message }
  end
end
return { status = "Progressing", message = "Waiting for Kueue" }

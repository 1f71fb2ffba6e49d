-- Returns the number of keys and a hash of all keys, types, values, expiry times and consumer groups.
-- With an argument, keys that contain the argument do not count.
local function read(key, kind)
  if kind == 'string' then return redis.call('get', key) end
  if kind == 'list' then return redis.call('lrange', key, 0, -1) end
  if kind == 'zset' then return redis.call('zrange', key, 0, -1, 'withscores') end
  if kind == 'stream' then
    local values = {redis.call('xrange', key, '-', '+')}
    for _, group in ipairs(redis.call('xinfo', 'groups', key)) do
      -- Without entries-read and lag, estimates that the programs compute differently.
      local state = {group[1], group[2], group[5], group[6], group[7], group[8]}
      table.insert(values, {state, redis.call('xpending', key, group[2])})
    end
    return values
  end
  local names = redis.call(kind == 'set' and 'smembers' or 'hkeys', key)
  table.sort(names)
  if kind == 'set' then return names end
  local values = {}
  for _, name in ipairs(names) do table.insert(values, {name, redis.call('hget', key, name)}) end
  return values
end
local keys = {}
for _, key in ipairs(redis.call('keys', '*')) do
  if not (ARGV[1] and string.find(key, ARGV[1], 1, true)) then table.insert(keys, key) end
end
table.sort(keys)
local hashes = {}
for _, key in ipairs(keys) do
  local kind = redis.call('type', key).ok
  local parts = {key, kind, redis.call('expiretime', key), read(key, kind)}
  table.insert(hashes, redis.sha1hex(cmsgpack.pack(parts)))
end
return #keys .. ' keys ' .. redis.sha1hex(table.concat(hashes))

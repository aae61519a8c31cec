-- SPDX-License-Identifier: Apache-2.0
-- Ready tasks and their places: plain ones in a list a priority, those with a group in the group's own line, the groups
-- in a ring by virtual time. Also what is given back when a task leaves its worker. Handing out is claim.lua's.
--
-- Weighted fairness. A group in the ring has a tag, the virtual time at which its next task is due; serving one adds
-- 1/weight. The ring serves the lowest tag and moves the clock `vt` there; a group that becomes ready gets vt + 1/weight,
-- so that neither waiting nor being idle earns anything. All tasks without a group are one group more, of weight 1, whose
-- tag is `pv`. Within a group the higher priority goes first, then who came first. While no group has a task ready
-- (`gq` is 0) nothing of this is looked at.
--
--   P:g:GRP  zset  its ready ids, score (9 - priority) * 10^13 + sequence
--   P:gz     zset  groups with ready tasks -> tag       P:gb  set   those kept out of the ring by group_concurrency
--   P:gc     hash  tasks ACTIVE, by group

local function weight_of(c, g) return tonumber(call('HGET', c, 'gw:' .. g) or 1) end

local function ring_in(c, p, g)
  local cfg = call('HMGET', c, 'vt', 'gw:' .. g)
  call('ZADD', p .. ':gz', 'NX', tonumber(cfg[1] or 0) + 1 / tonumber(cfg[2] or 1), g)
end

local function group_put(c, p, id, prio, g, front)
  local seq = front and call('HINCRBY', c, 'gfront', -1) or call('HINCRBY', c, 'gback', 1)
  call('ZADD', p .. ':g:' .. g, string.format('%.0f', (9 - prio) * 1e13 + seq), id)
  call('HINCRBY', c, 'gq', 1)
  if call('SISMEMBER', p .. ':gb', g) == 0 then ring_in(c, p, g) end
end

-- Makes a task ready: its state was written already, `queued` is the caller's to count.
local function put(c, p, id, key, h, front)
  if band(byte(h, 40), F_EXTRA) ~= 0 then
    local g = extra_of(key, h)
    if g ~= '' then
      group_put(c, p, id, byte(h, 61), g, front)
      return
    end
  end
  call(front and 'LPUSH' or 'RPUSH', p .. ':r:' .. byte(h, 61), id)
end

local function group_empty(p, g)
  if call('EXISTS', p .. ':g:' .. g) == 0 then
    call('ZREM', p .. ':gz', g)
    call('SREM', p .. ':gb', g)
  end
end

-- A task with flags leaves ACTIVE. Returns 1 when somebody may have waited for its place.
local function left(c, p, key, h)
  local flags, freed = byte(h, 40), 0
  if band(flags, F_CAPPED) ~= 0 then freed = 1 end
  if band(flags, F_EXTRA) ~= 0 then
    local g = extra_of(key, h)
    if g ~= '' then
      if call('HINCRBY', p .. ':gc', g, -1) <= 0 then call('HDEL', p .. ':gc', g) end
      if call('SREM', p .. ':gb', g) == 1 then
        freed = 1
        if call('EXISTS', p .. ':g:' .. g) == 1 then ring_in(c, p, g) end
      end
    end
  end
  return freed
end

-- QUEUED and DELAYED tasks leave their place for another state. False when the list is too long to search: the id stays
-- as a tombstone that claim skips.
local function unqueue(c, p, id, h)
  if byte(h, 2) == DELAYED then
    call('ZREM', p .. ':d', id)
    return
  end
  local g = band(byte(h, 40), F_EXTRA) ~= 0 and extra_of(p .. ':t:' .. id, h) or ''
  local list = p .. ':r:' .. byte(h, 61)
  if g ~= '' then
    if call('ZREM', p .. ':g:' .. g, id) == 1 then call('HINCRBY', c, 'gq', -1) end
    group_empty(p, g)
  elseif call('LLEN', list) <= 1024 then
    call('LREM', list, 1, id)
  end
  if call('HINCRBY', c, 'queued', -1) <= 0 then
    for prio = 0, 9 do call('UNLINK', p .. ':r:' .. prio) end      -- nothing but tombstones
  end
end

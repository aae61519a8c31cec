-- SPDX-License-Identifier: Apache-2.0
-- What happens to the tasks that a session holds: starts are counted, leases live on or end, tasks come back. The
-- broker decides when a session is dead; here is what that means for its tasks.

-- ACTIVE -> QUEUED at the front of its list, or DEAD when its slot died once too often, or CANCELLED when that was asked.
-- `died`: the delivery counts even if its start was never reported. Returns 1 if it is queued again, and 1 when somebody may
-- have waited for the place.
local function back(c, p, id, h, ts, news, died)
  local key = p .. ':t:' .. id
  local freed = byte(h, 40) ~= 0 and left(c, p, key, h) or 0
  local deliveries, started = decode('>I2', h, 36), decode('>I6', h, 30) > 0
  if died and not started then
    deliveries = deliveries + 1
    h = sub(h, 1, 35) .. pack('>I2', deliveries) .. sub(h, 38)
  end
  if band(byte(h, 40), F_CANCEL) ~= 0 then
    news_add(news, p, id, h, (cancelled(c, p, id, h, ts, '')))
    return 0, freed
  end
  if (died or started) and deliveries >= byte(h, 87) then
    call('SETRANGE', key, 35, pack('>I2', deliveries))
    news_add(news, p, id, h, dead(c, p, id, ts, R_LOST, ''))
    return 0, freed
  end
  if byte(h, 40) ~= 0 then task_event(H_RETURNED, id, h, died and R_LOST or 0) end
  call('SETRANGE', key, 1, span_idle(h, QUEUED, ts, deliveries, decode('>I2', h, 38)))
  put(c, p, id, key, h, true)
  return 1, freed
end

-- kr2_started 1 P:c {SID N {ID ATTEMPT(4)}*N}*       Returns how many starts were counted.
register('started', function(c, p, a)
  local ts, counted, i = now(), 0, 1
  while i < #a do
    local sid, n = a[i], tonumber(a[i + 1])
    i = i + 2
    for j = i, i + 2 * n - 1, 2 do
      local key = p .. ':t:' .. a[j]
      local h = head(key)
      if h and byte(h, 2) == ACTIVE and sub(h, 10, 29) == a[j + 1] .. sid and sub(h, 30, 35) == Z6 then
        call('SETRANGE', key, 29, pack('>I6I2', ts, decode('>I2', h, 36) + 1))
        counted = counted + 1
      end
    end
    i = i + 2 * n
  end
  return counted
end, {'allow-oom'})

-- kr2_release 1 P:c UNKNOWN_AFTER {SID N {ID CTL}*N}*     CTL: attempt(4) why(1) delay(4)
-- why: 0 given back, uncounted; 1 its slot died; 2 this worker has no such task; 3 the same, but another worker has.
-- For 2 and 3 the task waits `delay` ms before the next try; for 2 it dies once UNKNOWN_AFTER ms have passed so.
-- Returns one byte a task: 'o' back, 'x' ended, 's' stale.
register('release', function(c, p, a)
  local ts, limit, out, news = now(), tonumber(a[1]), {}, {}
  local released, requeued, freed, later = 0, 0, 0, {}

  local function one(id, ctl, sid)
    local key = p .. ':t:' .. id
    local h = head(key)
    if not h or byte(h, 2) ~= ACTIVE or sub(h, 10, 29) ~= sub(ctl, 1, 4) .. sid then return 's' end
    local why, delay = decode('>BI4', ctl, 5)
    local stop = band(byte(h, 40), F_CANCEL) ~= 0
    if why == 1 then
      local again, free = back(c, p, id, h, ts, news, true)
      requeued, freed = requeued + again, freed + free
      return again == 1 and 'o' or 'x'
    end
    local deliveries = decode('>I2', h, 36)
    if decode('>I6', h, 30) > 0 then deliveries = math.max(deliveries - 1, 0) end
    h = sub(h, 1, 29) .. Z6 .. pack('>I2', deliveries) .. sub(h, 38)
    if why == 0 or stop then
      local again, free = back(c, p, id, h, ts, news, false)
      requeued, freed = requeued + again, freed + free
      return again == 1 and 'o' or 'x'
    end
    local since = decode('>I6', h, 49)
    if byte(h, 40) ~= 0 then freed = freed + left(c, p, key, h) end
    if why == 2 and since > 0 and ts - since >= limit then
      news_add(news, p, id, h, dead(c, p, id, ts, R_UNKNOWN, ''))
      return 'x'
    end
    if why == 3 then since = 0 elseif since == 0 then since = ts end
    call('SETRANGE', key, 1, span_idle(h, DELAYED, ts, deliveries, decode('>I2', h, 38)))
    call('SETRANGE', key, 48, pack('>I6', since))
    task_event(H_RETURNED, id, h, R_UNKNOWN)
    later[#later + 1] = ts + delay; later[#later + 1] = id
    return 'o'
  end

  local i = 2
  while i < #a do
    local sid, n = a[i], tonumber(a[i + 1])
    local base, gone = #out, {}
    i = i + 2
    for k = n, 1, -1 do       -- backwards, so that the front of the list keeps their order
      local id = a[i + 2 * k - 2]
      out[base + k] = one(id, a[i + 2 * k - 1], sid)
      if out[base + k] ~= 's' then gone[#gone + 1] = id end
    end
    unlease(p, sid, gone)
    released = released + #gone
    i = i + 2 * n
  end
  if released > 0 then call('HINCRBY', c, 'active', -released) end
  if requeued > 0 then call('HINCRBY', c, 'queued', requeued) end
  if requeued + freed > 0 then wake(p, requeued + freed) end
  schedule(p, later)
  news_send(news)
  return table.concat(out)
end, {'allow-oom'})

-- kr2_beat 1 P:c TTL SID*     O(sessions), never O(tasks).
-- Returns five bytes a session: 'o' lives on, '-' holds nothing here, 'f' was declared dead here; and how many tasks it holds.
register('beat', function(c, p, a)
  local deadline, out = now() + a[1], {}
  local ls = p .. ':ls'
  for i = 2, #a do
    if call('ZADD', ls, 'XX', 'CH', deadline, a[i]) == 1 or call('ZSCORE', ls, a[i]) then
      out[#out + 1] = 'o' .. pack('>I4', call('SCARD', p .. ':l:' .. a[i]))
    else
      out[#out + 1] = (call('EXISTS', p .. ':f:' .. a[i]) == 1 and 'f' or '-') .. '\0\0\0\0'
    end
  end
  return table.concat(out)
end, {'allow-oom'})

-- kr2_reap 1 P:c LIMIT FENCE AGO [SID]      Of this session, or of all whose deadline passed AGO ms ago or earlier.
-- FENCE 0: the session said goodbye, nobody needs to be warned of it. Returns {TASKS, MORE, NEXT}: ms until the next deadline will
-- have passed so long ago, -1 for none.
register('reap', function(c, p, a)
  local ts, limit, news = now(), tonumber(a[1]), {}
  local ls = p .. ':ls'
  local sids = a[4] and {a[4]} or call('ZRANGE', ls, '-inf', ts - a[3], 'BYSCORE', 'LIMIT', 0, 16)
  local taken, requeued, freed, more = 0, 0, 0, 0
  for _, sid in ipairs(sids) do
    local key = p .. ':l:' .. sid
    if a[2] ~= '0' then call('SET', p .. ':f:' .. sid, 1, 'PX', 3600000) end
    local ids = taken < limit and call('SRANDMEMBER', key, limit - taken) or {}
    for _, id in ipairs(ids) do
      local h = head(p .. ':t:' .. id)
      if h and byte(h, 2) == ACTIVE and sub(h, 14, 29) == sid then
        local again, free = back(c, p, id, h, ts, news, false)
        requeued, freed = requeued + again, freed + free
      end
    end
    taken = taken + #ids
    unlease(p, sid, ids)
    if #ids == 0 and call('EXISTS', key) == 0 then call('ZREM', ls, sid) end
    if call('EXISTS', key) == 1 then more = 1 end
  end
  if #sids == 16 then more = 1 end
  if taken > 0 then call('HINCRBY', c, 'active', -taken) end
  if requeued > 0 then call('HINCRBY', c, 'queued', requeued) end
  if requeued + freed > 0 then wake(p, requeued + freed) end
  news_send(news)
  local first = call('ZRANGE', ls, 0, 0, 'WITHSCORES')[2]
  return {taken, more, first and math.max(tonumber(first) + a[3] - ts, 0) or -1}
end, {'allow-oom'})

-- kr2_progress 1 P:c {SID ID ATTEMPT(4) PROGRESS}*     PROGRESS: done(8) total(8) note. Fenced like every word on a task.
register('progress', function(c, p, a)
  local taken = 0
  for i = 1, #a, 4 do
    local id = a[i + 1]
    local key = p .. ':t:' .. id
    local h = head(key)
    if h and byte(h, 2) == ACTIVE and sub(h, 10, 29) == a[i + 2] .. a[i] then
      call('SET', p .. ':p:' .. id, a[i + 2] .. a[i + 3], 'PX', '86400000')
      if band(byte(h, 40), F_PROGRESS) == 0 then call('SETRANGE', key, '39', char(bor(byte(h, 40), F_PROGRESS))) end
      taken = taken + 1
    end
  end
  return taken
end)

-- kr2_held 1 P:c SID        What the session holds here, {ID ATTEMPT}*: to compare with what its worker says it has.
register('held', function(c, p, a)
  local out = {}
  for _, id in ipairs(call('SMEMBERS', p .. ':l:' .. a[1])) do
    local h = head(p .. ':t:' .. id)
    if h then out[#out + 1] = id; out[#out + 1] = decode('>I4', h, 10) end
  end
  return out
end, {'allow-oom'})

-- SPDX-License-Identifier: Apache-2.0
-- What administrators ask and change: settings, pages of tasks, dead letters, purging, events. Every call does a bounded
-- piece of work; the broker goes on where one stopped.

local PAGE_BYTES = 4194304

-- kr2_set 1 P:c HAPPENING WHO {FIELD VALUE}*     Settings; an empty value takes one away. Wakes a broker: it may now have work.
register('set', function(c, p, a)
  for i = 3, #a, 2 do
    if a[i + 1] == '' then call('HDEL', c, a[i]) else call('HSET', c, a[i], a[i + 1]) end
  end
  local v = call('HMGET', c, 'conc', 'rate', 'krate', 'events')
  if v[1] or v[2] or v[3] then call('HSET', c, 'limits', '1') else call('HDEL', c, 'limits', 'tat') end
  if not v[4] then call('DEL', p .. ':ev') else event(tonumber(a[1]), '', '\0\0\0\0', 0, a[2]) end
  for _, g in ipairs(call('SMEMBERS', p .. ':gb')) do      -- the cap of groups may be another one now
    call('SREM', p .. ':gb', g)
    ring_in(c, p, g)
  end
  wake(p, 64)
  return 0
end, {'allow-oom'})

-- kr2_get 1 P:c        All fields of P:c.
register('get', function(c) return call('HGETALL', c) end, {'allow-oom', 'no-writes'})

-- ---- pages of tasks

-- Ids of a sorted set behind the cursor "SCORE ID", by score and then id, at most n; and the cursor behind the last.
local function page_zset(z, after, n)
  local score, last = string.match(after, '^(%-?%d+) (.*)$')
  local got, from = {}, 0
  if score then
    local rank = call('ZRANK', z, last)
    if rank and tonumber(call('ZSCORE', z, last)) == tonumber(score) then from = rank + 1
    else from = call('ZCOUNT', z, '-inf', '(' .. score) end      -- it left: those of its millisecond may come twice
  end
  local flat = call('ZRANGE', z, from, from + n - 1, 'WITHSCORES')
  for i = 1, #flat, 2 do
    if not (score and flat[i + 1] == score and flat[i] <= last) then got[#got + 1] = flat[i] end
  end
  local next_at = #flat == 2 * n and string.format('%.0f', tonumber(flat[#flat])) .. ' ' .. flat[#flat - 1] or ''
  return got, next_at
end

-- Ready ids by place: "PRIO INDEX", then "g INDEX GROUP". Tasks that move meanwhile may be missed or come twice.
local function page_ready(p, after, n)
  local prio, at = string.match(after, '^(%d) (%d+)$')
  local got = {}
  if prio or after == '' then
    prio, at = tonumber(prio or 9), tonumber(at or 0)
    while prio >= 0 do
      local ids = call('LRANGE', p .. ':r:' .. prio, at, at + n - 1)
      if #ids > 0 then
        return ids, prio .. ' ' .. (at + #ids)
      end
      prio, at = prio - 1, 0
    end
    after = 'g 0 '
  end
  local index, group = string.match(after, '^g (%d+) (.*)$')
  index = tonumber(index or 0)
  local groups = call('ZRANGE', p .. ':gz', 0, -1)
  for _, g in ipairs(call('SMEMBERS', p .. ':gb')) do groups[#groups + 1] = g end
  table.sort(groups)
  for _, g in ipairs(groups) do
    if g >= (group or '') then
      if g ~= group then index = 0 end
      local ids = call('ZRANGE', p .. ':g:' .. g, index, index + n - 1)
      if #ids > 0 then return ids, 'g ' .. (index + #ids) .. ' ' .. g end
    end
  end
  return got, ''
end

-- Ids in flight, a session after the other: "SID ID".
local function page_active(p, after, n)
  local sid_at, id_at = string.match(after, '^(%S+) (.*)$')
  local sids, got = call('ZRANGE', p .. ':ls', 0, -1), {}
  table.sort(sids)
  for _, sid in ipairs(sids) do
    if not sid_at or sid >= sid_at then
      local ids = call('SMEMBERS', p .. ':l:' .. sid)
      table.sort(ids)
      for _, id in ipairs(ids) do
        if sid ~= sid_at or id > id_at then
          got[#got + 1] = id
          if #got == n then return got, sid .. ' ' .. id end
        end
      end
    end
  end
  return got, ''
end

-- One task for people: its head and what stands near the front of the body, or all of it; the outcome; its size; progress.
local function show(p, id, whole)
  local key = p .. ':t:' .. id
  local rec = call('GETRANGE', key, 0, whole and -1 or 2047)
  if #rec < HEAD then return id, '', '', 0, '' end
  local blen = decode('>I4', rec, 91)
  local outcome = ''
  if byte(rec, 2) >= DONE and not whole then
    local from = HEAD + byte(rec, 90) + blen
    outcome = call('GETRANGE', key, from, from + 131071)
  end
  local progress = band(byte(rec, 40), F_PROGRESS) ~= 0 and call('GET', p .. ':p:' .. id) or ''
  return id, rec, outcome, blen, progress
end

-- kr2_tasks 1 P:c STATE AFTER N WHOLE       A page of the tasks in one state: {NEXT {ID RECORD OUTCOME SIZE PROGRESS}*}; NEXT
-- is empty behind the last. RECORD is cut after 2,048 bytes unless WHOLE is 1.
register('tasks', function(c, p, a)
  local state, n = tonumber(a[1]), tonumber(a[3])
  local ids, nxt
  if state == DELAYED then ids, nxt = page_zset(p .. ':d', a[2], n)
  elseif state == DEAD then ids, nxt = page_zset(p .. ':x', a[2], n)
  elseif state == QUEUED then ids, nxt = page_ready(p, a[2], n)
  else ids, nxt = page_active(p, a[2], n) end
  local out, bytes = {nxt}, 0
  for _, id in ipairs(ids) do
    local at = #out
    out[at + 1], out[at + 2], out[at + 3], out[at + 4], out[at + 5] = show(p, id, a[4] == '1' and bytes < PAGE_BYTES)
    bytes = bytes + #out[at + 2]
    if byte(out[at + 2], 2) ~= state then for k = at + 5, at + 1, -1 do out[k] = nil end end      -- a tombstone
  end
  return out
end, {'allow-oom', 'no-writes'})

-- kr2_show 1 P:c WHOLE ID*         The same five for each id; RECORD is empty for unknown ones.
register('show', function(c, p, a)
  local out, bytes = {}, 0
  for i = 2, #a do
    local at = #out
    out[at + 1], out[at + 2], out[at + 3], out[at + 4], out[at + 5] = show(p, a[i], a[1] == '1' and bytes < PAGE_BYTES)
    bytes = bytes + #out[at + 2]
  end
  return out
end, {'allow-oom', 'no-writes'})

-- ---- dead letters

-- DEAD -> QUEUED, with its counts at zero. False when another task holds its unique key by now.
local function redo(c, p, id, key, ts)
  local rec = call('GET', key)
  local _, _, unique, e = extra_of(key, rec)
  if unique ~= '' then
    local lock = p .. ':u:' .. unique
    local owner = call('GET', lock)
    if owner and owner ~= id and call('EXISTS', p .. ':t:' .. owner) == 1 then return false end
    local ttl = decode('>I6', e, 6)
    if ttl > 0 then call('SET', lock, id, 'PX', ttl) else call('SET', lock, id) end
  end
  local flags = band(byte(rec, 40), F_EVENTS + F_PARTS + F_EXTRA)
  local body_end = HEAD + byte(rec, 90) + decode('>I4', rec, 91)
  local control = band(byte(rec, 62), 255 - C_EXPIRES)
  if flags >= F_EXTRA then e = '\0' .. sub(e, 2) end
  local fresh = '\1' .. span_idle(rec, QUEUED, ts, 0, 0) .. char(flags) .. string.rep('\0', 14) .. sub(rec, 55, 61)
      .. char(control) .. sub(rec, 63, HEAD) .. (e or '') .. sub(rec, HEAD + byte(rec, 90) + 1, body_end)
  call('SET', key, fresh)
  if band(flags, F_PARTS) ~= 0 then call('PERSIST', p .. ':b:' .. id) end
  call('ZREM', p .. ':x', id)
  put(c, p, id, key, fresh)
  task_event(H_REDONE, id, fresh)
  return true
end

local function forget(p, id, key, h)
  call('UNLINK', key, p .. ':b:' .. id, p .. ':v:' .. id .. ':' .. decode('>I4', h, 10))
  call('ZREM', p .. ':x', id)
end

-- kr2_dead 1 P:c VERB ID*      VERB 1: run dead letters again; 2: forget ended tasks.
-- Returns one byte an id: 'o' done, 's' not in a state for it, 'c' its unique key is taken, '?' unknown.
register('dead', function(c, p, a)
  local ts, out, requeued = now(), {}, 0
  for i = 2, #a do
    local id = a[i]
    local key = p .. ':t:' .. id
    local h = head(key)
    if not h then out[#out + 1] = '?'
    elseif a[1] == '1' and byte(h, 2) == DEAD then
      local ok = redo(c, p, id, key, ts)
      if ok then requeued = requeued + 1 end
      out[#out + 1] = ok and 'o' or 'c'
    elseif a[1] == '2' and byte(h, 2) >= DONE then
      forget(p, id, key, h)
      out[#out + 1] = 'o'
    else
      out[#out + 1] = 's'
    end
  end
  if requeued > 0 then call('HINCRBY', c, 'queued', requeued); wake(p, requeued) end
  return table.concat(out)
end, {'allow-oom'})

-- ---- purging

-- Some ids of a state, taken off their list or set.
local function pop_some(c, p, state, n)
  if state == DELAYED or state == DEAD then
    local got, ids = call('ZPOPMIN', p .. (state == DEAD and ':x' or ':d'), n), {}
    for i = 1, #got, 2 do ids[#ids + 1] = got[i] end
    return ids
  end
  for prio = 0, 9 do
    local ids = call('LPOP', p .. ':r:' .. prio, n)
    if ids then return ids end
  end
  for _, from in ipairs({call('ZRANGE', p .. ':gz', 0, 0), call('SRANDMEMBER', p .. ':gb', 1)}) do
    if from[1] then
      local got, ids = call('ZPOPMIN', p .. ':g:' .. from[1], n), {}
      for i = 1, #got, 2 do ids[#ids + 1] = got[i] end
      if #ids > 0 then call('HINCRBY', c, 'gq', -#ids) end
      group_empty(p, from[1])
      return ids
    end
  end
  return {}
end

-- kr2_purge 1 P:c STATE N WHO     QUEUED or DELAYED -> CANCELLED, DEAD -> nothing; up to N of them. Returns {TASKS MORE}.
register('purge', function(c, p, a)
  local ts, state, n, news, done = now(), tonumber(a[1]), tonumber(a[2]), {}, 0
  local ids = pop_some(c, p, state, n)
  for _, id in ipairs(ids) do
    local key = p .. ':t:' .. id
    local h = head(key)
    if h and byte(h, 2) == state then
      done = done + 1
      if state == DEAD then forget(p, id, key, h)
      else news_add(news, p, id, h, (cancelled(c, p, id, h, ts, ''))) end
    end
  end
  if state == QUEUED and done > 0 then call('HINCRBY', c, 'queued', -done) end
  if done > 0 and call('HEXISTS', c, 'events') == 1 then event(H_PURGED, '', '\0\0\0\0', 0, a[3]) end
  news_send(news)
  return {done, #ids > 0 and 1 or 0}
end, {'allow-oom'})

-- kr2_drop 1 P:c       Forgets the settings and counters of an empty queue. Returns 1, or 0 when it is not empty.
register('drop', function(c, p)
  if tonumber(call('HGET', c, 'queued') or 0) > 0 or call('EXISTS', p .. ':d', p .. ':x', p .. ':ls') > 0 then return 0 end
  call('UNLINK', c, p .. ':ev', p .. ':eh', p .. ':gz', p .. ':gb', p .. ':gc')
  return 1
end, {'allow-oom'})

-- ---- events

-- kr2_events 1 P:c BROKER AFTER N      {NEXT {EVENT MS}*}; with none, and a BROKER, that broker is told of the next one.
register('events', function(c, p, a)
  local ev, after = p .. ':ev', a[2]
  if after == '' then
    local last = call('XREVRANGE', ev, '+', '-', 'COUNT', 1)[1]
    after = last and last[1] or '0-0'
  end
  local got = call('XRANGE', ev, after == '0' and '-' or '(' .. after, '+', 'COUNT', a[3])
  local out = {after}
  for _, entry in ipairs(got) do
    out[1] = entry[1]
    out[#out + 1], out[#out + 2] = entry[2][2], string.match(entry[1], '^%d+')
  end
  if #got == 0 and a[1] ~= '' then
    call('SADD', p .. ':eh', a[1])
    call('PEXPIRE', p .. ':eh', '600000')
  end
  return out
end, {'allow-oom'})

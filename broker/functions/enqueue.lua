-- SPDX-License-Identifier: Apache-2.0
-- Accepts tasks: nothing -> QUEUED or DELAYED. Idempotent by id. Runs without allow-oom on purpose: at the memory
-- limit Redis answers -OOM and the broker says FULL, while everything that frees memory goes on.

-- The record's first bytes, which are the same for all tasks of a call that begin alike.
local function front(state, ts6, flags, waiter)
  if waiter then flags = flags + F_WAITER end
  return '\1' .. char(state, 0) .. ts6 .. '\0\0\0\0' .. Z16 .. Z6 .. '\0\0\0\0'
      .. char(flags) .. (waiter or '\0\0\0\0\0\0\0\0') .. Z6 .. ts6
end

-- What a control byte other than 0 and C_WATCH asks for. Returns when the task is due (nil: now) and its tail.
local function special(ts, control, tail)
  local due
  if band(control, C_EXPIRES) ~= 0 then
    tail = sub(tail, 1, 8) .. pack('>I6', ts + decode('>I6', tail, 9)) .. sub(tail, 15)
  end
  if band(control, C_ETA) ~= 0 then due = decode('>I6', tail, 3)
  elseif band(control, C_DELAY) ~= 0 then due = ts + decode('>I6', tail, 3) end
  if due and due <= ts then due = nil end
  return due, tail
end

-- Writes the records {KEY RECORD}*, those that are there already excepted, and no more than room of them.
-- Nearly always all are new: then it is one call. Returns one byte a task.
local function write(sets, room, unique)
  local n = #sets / 2
  if unique and n <= room and call('MSETNX', unpack(sets)) == 1 then return string.rep('n', n) end
  local out, new = {}, 0
  for i = 1, 2 * n, 2 do
    if new >= room then out[#out + 1] = call('EXISTS', sets[i]) == 1 and 'e' or 'f'
    elseif call('SETNX', sets[i], sets[i + 1]) == 1 then out[#out + 1] = 'n'; new = new + 1
    else out[#out + 1] = 'e' end
  end
  return table.concat(out)
end

-- The unique key of a new task. Returns nil once the task holds it, else the verdict and the id that does.
-- mine: ids of this very call, which stand in no line yet.
local function lock(c, p, id, ts, unique, e, news, mine)
  local key = p .. ':u:' .. unique
  local owner = call('GET', key)
  if owner and owner ~= id then
    local h = head(p .. ':t:' .. owner)
    if h and byte(h, 2) < DONE then
      local rule = byte(e, 2)
      if rule == 1 then return 'u', owner end
      if rule ~= 2 or byte(h, 2) == ACTIVE then return 'c', owner end
      if not mine[owner] then unqueue(c, p, owner, h) end
      news_add(news, p, owner, h, (cancelled(c, p, owner, h, ts, '')))
    end
  end
  local ttl = decode('>I6', e, 6)
  if ttl > 0 then call('SET', key, id, 'PX', ttl) else call('SET', key, id) end
end

-- The same for a call in which some task has an extra: one after the other, since one may replace another.
local function write_slowly(c, p, a, ts, sets, room)
  local out, owners, new, news, mine = {}, {}, 0, {}, {}
  for i = 1, #sets, 2 do
    local key, record, id = sets[i], sets[i + 1], a[i + 2]
    local verdict = 'n'
    if call('EXISTS', key) == 1 then verdict = 'e'
    elseif new >= room then verdict = 'f'
    elseif band(byte(record, 40), F_EXTRA) ~= 0 then
      local _, _, unique, e = extra_of(key, record)
      local parts, owner = decode('>I2', e, 12), nil
      if parts > 0 and call('HLEN', p .. ':b:' .. id) ~= parts then verdict = 'm'
      elseif unique ~= '' then
        local said
        said, owner = lock(c, p, id, ts, unique, e, news, mine)
        if said then verdict = said; owners[#owners + 1] = owner end
      end
      if verdict == 'n' and parts > 0 then call('PERSIST', p .. ':b:' .. id) end
    end
    if verdict == 'n' then
      call('SET', key, record)
      mine[id] = true
      new = new + 1
    end
    out[#out + 1] = verdict
  end
  news_send(news)
  return table.concat(out), owners
end

-- kr2_enqueue 1 P:c BROKER CREDIT {ID TAIL}*      TAIL: the record from byte 60 on
-- CREDIT: how many of these the calling broker is about to claim itself, so that nobody else need be woken for them.
-- Returns one byte a task: 'n' new, 'e' exists, 'f' full, 'm' parts are missing, 'c' and 'u' its unique key is taken, which
-- the task calls a conflict or as good as accepted. With one of the last two: {BYTES OWNER*}, an owner for each of them.
register('enqueue', function(c, p, a)
  local ts = now()
  local ts6 = pack('>I6', ts)
  local cfg = call('HMGET', c, 'queued', 'max', 'events')
  local room = math.huge
  if cfg[2] and cfg[2] ~= '0' then
    room = math.max(tonumber(cfg[2]) - tonumber(cfg[1] or 0) - call('ZCARD', p .. ':d'), 0)
  end

  local base = cfg[3] and F_EVENTS or 0
  local plain, watched = front(QUEUED, ts6, base), front(QUEUED, ts6, base, a[1])
  local t, sets, seen, unique, slow, dues = p .. ':t:', {}, {}, true, false, {}
  local ready, simple = {}, base == 0      -- the lists, should all be new and want nothing else
  for i = 3, #a, 2 do
    local id, tail = a[i], a[i + 1]
    local prio, control = byte(tail, 1, 2)
    local list = ready[prio]
    if not list then list = {}; ready[prio] = list end
    list[#list + 1] = id
    local prefix = plain
    if control == C_WATCH then
      prefix = watched
    elseif control ~= 0 then
      simple = false
      local flags = base
      if band(control, C_EXTRA) ~= 0 then
        slow = true
        flags = flags + F_EXTRA + (decode('>I2', tail, 46) > 0 and F_PARTS or 0)
      end
      dues[i], tail = special(ts, control, tail)
      prefix = front(dues[i] and DELAYED or QUEUED, ts6, flags, band(control, C_WATCH) ~= 0 and a[1])
    end
    if #tail > 65536 then call('HSET', c, 'big', '1') end      -- claim then reads few at a time
    if seen[id] then unique = false end
    seen[id] = true
    sets[i - 2], sets[i - 1] = t .. id, prefix .. tail
  end
  local said, owners
  if slow then said, owners = write_slowly(c, p, a, ts, sets, room) else said = write(sets, room, unique) end

  local later, new = {}, 0
  local plainly = simple and unique and not find(said, '[^n]')
  if plainly then new = #said else ready = {} end
  for i = 3, plainly and 0 or #a, 2 do
    if byte(said, (i - 1) / 2) == 110 then
      local record = sets[i - 1]
      if base ~= 0 then task_event(byte(record, 2), a[i], record) end
      local extra = slow and band(byte(record, 40), F_EXTRA) ~= 0
      if extra and call('GETRANGE', sets[i - 2], '1', '1') ~= sub(record, 2, 2) then
        -- Another one of this very call replaced it: it came and went.
      elseif dues[i] then
        later[#later + 1], later[#later + 2] = dues[i], a[i]
      elseif extra and extra_of(sets[i - 2], record) ~= '' then
        put(c, p, a[i], sets[i - 2], record)
        new = new + 1
      else
        local prio = byte(a[i + 1], 1)
        local list = ready[prio]
        if not list then list = {}; ready[prio] = list end
        list[#list + 1] = a[i]
        new = new + 1
      end
    end
  end
  for prio, list in pairs(ready) do call('RPUSH', p .. ':r:' .. prio, unpack(list)) end
  if new > 0 then
    call('HINCRBY', c, 'queued', new)
    wake(p, new - a[2])
  end
  schedule(p, later)
  if owners and #owners > 0 then return {said, unpack(owners)} end
  return said
end)

-- kr2_part 1 P:c KEY INDEX DATA       One part of what is too large for a frame; P:KEY. Lives 10 minutes unless a task or result
-- comes to own it. Returns its bytes.
register('part', function(c, p, a)
  local key = p .. ':' .. a[1]
  local fresh = call('EXISTS', key) == 0
  call('HSET', key, a[2], a[3])
  if fresh or call('PTTL', key) >= 0 and call('PTTL', key) < 600000 then call('PEXPIRE', key, '600000') end
  return #a[3]
end)

-- kr2_parts 1 P:c KEY INDEX        {COUNT DATA}: how many parts there are, and this one or nil.
register('parts', function(c, p, a)
  local key = p .. ':' .. a[1]
  return {call('HLEN', key), call('HGET', key, a[2])}
end, {'allow-oom', 'no-writes'})

-- SPDX-License-Identifier: Apache-2.0
-- Accepts tasks: nothing -> QUEUED or DELAYED. Idempotent by id. Runs without allow-oom on purpose: at the memory
-- limit Redis answers -OOM and the broker says FULL, while everything that frees memory goes on.

-- The record's first bytes, which are the same for all tasks of a call that begin alike.
local function front(state, ts6, waiter)
  return '\1' .. char(state, 0) .. ts6 .. '\0\0\0\0' .. Z16 .. Z6 .. '\0\0\0\0'
      .. (waiter and char(F_WAITER) .. waiter or '\0\0\0\0\0\0\0\0\0') .. Z6 .. ts6
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

-- kr1_enqueue 1 P:c BROKER CREDIT {ID TAIL}*      TAIL: the record from byte 60 on
-- CREDIT: how many of these the calling broker is about to claim itself, so that nobody else need be woken for them.
-- Returns one byte a task: 'n' new, 'e' exists, 'f' full.
register('enqueue', function(c, p, a)
  local ts = now()
  local ts6 = pack('>I6', ts)
  local cfg = call('HMGET', c, 'queued', 'max')
  local room = math.huge
  if cfg[2] and cfg[2] ~= '0' then room = math.max(tonumber(cfg[2]) - tonumber(cfg[1] or 0), 0) end

  local plain, watched = front(QUEUED, ts6), front(QUEUED, ts6, a[1])
  local t, sets, seen, unique, dues = p .. ':t:', {}, {}, true, {}
  for i = 3, #a, 2 do
    local id, tail = a[i], a[i + 1]
    local control = byte(tail, 2)
    local prefix = plain
    if control == C_WATCH then
      prefix = watched
    elseif control ~= 0 then
      dues[i], tail = special(ts, control, tail)
      prefix = front(dues[i] and DELAYED or QUEUED, ts6, band(control, C_WATCH) ~= 0 and a[1])
    end
    if #tail > 65536 then call('HSET', c, 'big', '1') end      -- claim then reads few at a time
    if seen[id] then unique = false end
    seen[id] = true
    sets[i - 2], sets[i - 1] = t .. id, prefix .. tail
  end
  local said = write(sets, room, unique)

  local ready, later, new = {}, {}, 0
  for i = 3, #a, 2 do
    if byte(said, (i - 1) / 2) == 110 then
      if dues[i] then
        later[#later + 1], later[#later + 2] = dues[i], a[i]
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
  return said
end)

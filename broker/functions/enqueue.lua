-- SPDX-License-Identifier: Apache-2.0
-- Accepts tasks: nothing -> QUEUED or DELAYED. Idempotent by id. Runs without allow-oom on purpose: at the memory
-- limit Redis answers -OOM and the broker says FULL, while everything that frees memory goes on.

-- kr1_enqueue 1 P:c BROKER CREDIT {ID TAIL}*      TAIL: the record from byte 60 on
-- CREDIT: how many of these the calling broker is about to claim itself, so that nobody else need be woken for them.
-- Returns one byte a task: 'n' new, 'e' exists, 'f' full.
register('enqueue', function(c, p, a)
  local ts = now()
  local broker, out, ready, later, new = a[1], {}, {}, {}, 0
  local room = math.huge
  local cfg = call('HMGET', c, 'queued', 'max')
  if cfg[2] and cfg[2] ~= '0' then room = tonumber(cfg[2]) - tonumber(cfg[1] or 0) end

  local ts6 = pack('>I6', ts)
  local function front(state, watch)
    return '\1' .. char(state, 0) .. ts6 .. '\0\0\0\0' .. Z16 .. Z6 .. '\0\0\0\0'
        .. (watch and char(F_WAITER) .. broker or '\0\0\0\0\0\0\0\0\0') .. Z6 .. ts6
  end
  local plain, watched = front(QUEUED, false), front(QUEUED, true)

  -- Nearly always all ids are new: one EXISTS and one MSET for all of them.
  local keys, seen, at = {}, {}, p .. ':t:'
  local fresh = room >= #a / 2
  for i = 3, #a, 2 do
    local id = a[i]
    keys[#keys + 1] = at .. id
    if seen[id] then fresh = false end
    seen[id] = true
  end
  fresh = fresh and call('EXISTS', unpack(keys)) == 0
  local sets = {}

  for i = 3, #a, 2 do
    local id, tail = a[i], a[i + 1]
    local prio, control = byte(tail, 1, 2)
    local prefix, due = plain, nil
    if control == C_WATCH then
      prefix = watched
    elseif control ~= 0 then
      if band(control, C_EXPIRES) ~= 0 then
        tail = sub(tail, 1, 8) .. pack('>I6', ts + decode('>I6', tail, 9)) .. sub(tail, 15)
      end
      if band(control, C_ETA) ~= 0 then due = decode('>I6', tail, 3)
      elseif band(control, C_DELAY) ~= 0 then due = ts + decode('>I6', tail, 3) end
      if due and due <= ts then due = nil end
      prefix = front(due and DELAYED or QUEUED, band(control, C_WATCH) ~= 0)
    end
    local key = keys[(i - 1) / 2]
    local new_one
    if fresh then
      sets[#sets + 1], sets[#sets + 2] = key, prefix .. tail
      new_one = true
    elseif room - new <= 0 then
      out[#out + 1] = call('EXISTS', key) == 1 and 'e' or 'f'
    else
      new_one = call('SETNX', key, prefix .. tail) == 1
      if not new_one then out[#out + 1] = 'e' end
    end
    if new_one then
      out[#out + 1] = 'n'
      if due then later[#later + 1] = due; later[#later + 1] = id
      else
        local list = ready[prio]
        if not list then list = {}; ready[prio] = list end
        list[#list + 1] = id
        new = new + 1
      end
    end
  end
  if fresh and #sets > 0 then call('MSET', unpack(sets)) end

  for prio, list in pairs(ready) do call('RPUSH', p .. ':r:' .. prio, unpack(list)) end
  if new > 0 then
    call('HINCRBY', c, 'queued', new)
    wake(p, new - a[2])
  end
  schedule(p, later)
  return table.concat(out)
end)

-- SPDX-License-Identifier: Apache-2.0
-- A sketch, not a part of the broker: records and leases by the batch. What arrived in one frame stays together as one string, a lease is a
-- range of it, an acknowledgement one span of state bytes and one append. blocks.py checks and measures it; broker/BLOCKS.md judges it.
--
--   P:c        hash    counters                    P:k:B      string  a block: header, states, lengths, bodies
--   P:r        list    ranges that are ready       P:o:B      string  outcomes {INDEX(2) LENGTH(4) OUTCOME}*
--   P:l:SID    hash    B/EPOCH -> FROM(2) TO(2)    P:f:SID    string  this session was declared dead
--   P:h        set     brokers that asked for work and got none
--
-- A ready range is B/FROM/TO, half open. A block, integers big-endian:
--
--   0 version   1 n(2)   3 left(2): not ended   5 epoch(4)   9 enqueued(6)   15 result ttl(6)   21 waiter(8)
--  29 n state bytes, then n starts (bytes), n lengths(4), the bodies
--
-- epoch grows with each claim: it is the attempt that fences the words of a worker on a task, and names the lease.
-- States: 0 queued  1 active  2 done  3 dead  4 cancelled  5 moved out: lives on as a record of its own (P:t:B.INDEX).

local HEAD = 29
local call, sub, byte, char, rep, pack, decode, match, find

local function bind()
  call, sub, byte, char, rep, match, find = redis.call, string.sub, string.byte, string.char, string.rep, string.match, string.find
  pack, decode = struct.pack, struct.unpack
end

local function register(name, run, flags)
  redis.register_function{function_name = 'blocks_' .. name, flags = flags or {}, callback = function(keys, args)
    if not call then bind() end
    return run(keys[1], sub(keys[1], 1, -3), args)
  end}
end

local function now()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- blocks_enqueue 1 P:c BROKER {B N TTL(6) LENGTHS BODIES}*     One verdict a block: 'n' new, 'e' exists.
register('enqueue', function(c, p, a)
  local ts6, out, ready, new = pack('>I6', now()), {}, {}, 0
  for i = 2, #a, 5 do
    local b, n = a[i], tonumber(a[i + 1])
    local zeros = rep('\0', 2 * n)
    local block = '\1' .. pack('>I2I2', n, n) .. '\0\0\0\0' .. ts6 .. a[i + 2] .. rep('\0', 8) .. zeros .. a[i + 3] .. a[i + 4]
    if call('SETNX', p .. ':k:' .. b, block) == 1 then
      ready[#ready + 1] = b .. '/0/' .. n
      new = new + n
      out[#out + 1] = 'n'
    else
      out[#out + 1] = 'e'
    end
  end
  if new > 0 then
    call('RPUSH', p .. ':r', unpack(ready))
    call('HINCRBY', c, 'queued', new)
    local hungry = call('SPOP', p .. ':h')
    if hungry then call('PUBLISH', 'kr:b:' .. hungry, 'w' .. p) end
  end
  return table.concat(out)
end)

-- blocks_wait 1 P:c BROKER {B}*     The broker wants to know of their ends. Returns the blocks' states and outcomes so far.
register('wait', function(c, p, a)
  local out = {}
  for i = 2, #a do
    local key = p .. ':k:' .. a[i]
    if call('EXISTS', key) == 1 then
      call('SETRANGE', key, '21', a[1])
      local n = decode('>I2', call('GETRANGE', key, '1', '2'))
      out[i - 1] = {call('GETRANGE', key, HEAD, HEAD + n - 1), call('GET', p .. ':o:' .. a[i])}
    else out[i - 1] = false end
  end
  return out
end, {'allow-oom'})

-- Bodies FROM up to TO of a block with n tasks: {TASK BYTES}. Reads no more than it needs.
local function cut(key, n, from, to)
  local at = HEAD + 2 * n
  local lengths = call('GETRANGE', key, at, at + 4 * to - 1)
  local start, size = at + 4 * n, 0
  for i = 0, to - 1 do
    local len = decode('>I4', lengths, 4 * i + 1)
    if i < from then start = start + len else size = size + len end
  end
  return sub(lengths, 4 * from + 1), size > 0 and call('GETRANGE', key, start, start + size - 1) or ''
end

-- blocks_claim 1 P:c BROKER SID MAX     {B EPOCH FROM TAKEN LENGTHS BODIES}*, TAKEN: a byte an index, 1 where it is the session's now
register('claim', function(c, p, a)
  local broker, sid, left, out, popped = a[1], a[2], tonumber(a[3]), {}, 0
  if call('EXISTS', p .. ':f:' .. sid) == 1 then return -1 end
  while left > 0 do
    local range = call('LPOP', p .. ':r')
    if not range then break end
    local b, from, to = match(range, '^(.+)/(%d+)/(%d+)$')
    from, to = tonumber(from), tonumber(to)
    local key = p .. ':k:' .. b
    if to - from > left then
      call('LPUSH', p .. ':r', b .. '/' .. from + left .. '/' .. to)
      to = from + left
    end
    local h = call('GETRANGE', key, '0', HEAD - 1)
    if #h == HEAD then
      local n, epoch = decode('>I2', h, 2), decode('>I4', h, 6) + 1
      local states, taken = call('GETRANGE', key, HEAD + from, HEAD + to - 1), nil
      local all = rep('\0', to - from)
      if states == all then taken = rep('\1', to - from) else
        local t = {}
        for i = 1, #states do t[i] = byte(states, i) == 0 and '\1' or '\0' end
        taken = table.concat(t)
        for i = 1, #states do t[i] = byte(states, i) == 0 and '\1' or sub(states, i, i) end
        all = table.concat(t)
      end
      call('SETRANGE', key, HEAD + from, states == rep('\0', to - from) and taken or all)
      call('SETRANGE', key, '5', pack('>I4', epoch))
      call('HSET', p .. ':l:' .. sid, b .. '/' .. epoch, pack('>I2I2', from, to))
      local lengths, bodies = cut(key, n, from, to)
      out[#out + 1] = b
      out[#out + 1] = epoch
      out[#out + 1] = from
      out[#out + 1] = taken
      out[#out + 1] = lengths
      out[#out + 1] = bodies
      local _, got = string.gsub(taken, '\1', '')
      popped, left = popped + got, left - got
    end
  end
  if popped > 0 then
    call('HINCRBY', c, 'queued', -popped)
    call('HINCRBY', c, 'active', popped)
  end
  if left > 0 then call('SADD', p .. ':h', broker) end
  return out
end, {'allow-oom'})

-- blocks_ack 1 P:c SID {B EPOCH KINDS OUTCOMES}*     KINDS: a byte for each index of the lease: 2 done, 3 dead, 4 cancelled, 5 run it again
-- as a task of its own, 0 nothing yet. OUTCOMES: as they are appended, of those that ended. Verdicts: 'o' taken, 's' stale, 'd' said before.
register('ack', function(c, p, a)
  local sid, out, ended = a[1], {}, 0
  local l = p .. ':l:' .. sid
  for i = 2, #a, 4 do
    local b, kinds, field = a[i], a[i + 2], a[i] .. '/' .. a[i + 1]
    local key, lease = p .. ':k:' .. b, call('HGET', l, field)
    if not lease then out[#out + 1] = 's'
    else
      local from, to = decode('>I2I2', lease)
      local states = call('GETRANGE', key, HEAD + from, HEAD + to - 1)
      local plain = rep('\2', to - from)
      local now_ended, still = 0, 0
      if kinds == plain and states == rep('\1', to - from) then
        call('SETRANGE', key, HEAD + from, plain)
        now_ended = to - from
      else
        local t = {}
        for k = 1, #states do
          local s, kind = byte(states, k), byte(kinds, k) or 0
          if s == 1 and kind > 1 then
            t[k] = char(kind)
            now_ended = now_ended + 1
            if kind == 5 then
              local n = decode('>I2', call('GETRANGE', key, '1', '2'))
              local _, body = cut(key, n, from + k - 1, from + k)
              call('SET', p .. ':t:' .. b .. '.' .. from + k - 1, body)
              call('RPUSH', p .. ':r1', b .. '.' .. from + k - 1)
            end
          else
            t[k] = sub(states, k, k)
            if s == 1 then still = still + 1 end
          end
        end
        if now_ended > 0 then call('SETRANGE', key, HEAD + from, table.concat(t)) end
      end
      if now_ended == 0 then out[#out + 1] = 'd'
      else
        if a[i + 3] ~= '' then call('APPEND', p .. ':o:' .. b, a[i + 3]) end
        if still == 0 then call('HDEL', l, field) end
        local h = call('GETRANGE', key, '0', HEAD - 1)
        local left, ttl = decode('>I2', h, 4) - now_ended, decode('>I6', h, 16)
        if left > 0 then call('SETRANGE', key, '3', pack('>I2', left))
        else      -- all ended: the bodies go, states and outcomes stay as long as results are kept
          local n = decode('>I2', h, 2)
          local keep = tostring(ttl)
          call('SET', key, sub(h, 1, 3) .. '\0\0' .. sub(h, 6) .. call('GETRANGE', key, HEAD, HEAD + n - 1), 'PX', keep)
          call('PEXPIRE', p .. ':o:' .. b, keep)
        end
        ended = ended + now_ended
        local waiter = sub(h, 22, 29)
        if byte(waiter) ~= 0 then call('PUBLISH', 'kr:b:' .. waiter, 'r' .. b .. '/' .. from .. '/' .. kinds .. a[i + 3]) end
        out[#out + 1] = 'o'
      end
    end
  end
  if ended > 0 then call('HINCRBY', c, 'active', -ended); call('HINCRBY', c, 'done', ended) end
  return table.concat(out)
end, {'allow-oom'})

-- blocks_cancel 1 P:c B INDEX     1 when it was queued and is cancelled now, 0 when not.
register('cancel', function(c, p, a)
  local key, at = p .. ':k:' .. a[1], HEAD + tonumber(a[2])
  if call('GETRANGE', key, at, at) ~= '\0' then return 0 end
  call('SETRANGE', key, at, '\4')
  call('SETRANGE', key, '3', pack('>I2', decode('>I2', call('GETRANGE', key, '3', '4')) - 1))
  call('HINCRBY', c, 'queued', '-1')
  return 1
end, {'allow-oom'})

-- blocks_started 1 P:c SID B EPOCH INDEX     A slot runs it: the delivery counts.
register('started', function(c, p, a)
  local lease = call('HGET', p .. ':l:' .. a[1], a[2] .. '/' .. a[3])
  if not lease then return 0 end
  local key = p .. ':k:' .. a[2]
  local at = HEAD + decode('>I2', call('GETRANGE', key, '1', '2')) + tonumber(a[4])
  call('SETRANGE', key, at, char(math.min(byte(call('GETRANGE', key, at, at)) + 1, 255)))
  return 1
end, {'allow-oom'})

-- blocks_reap 1 P:c SID MAX_STARTS     What a dead session holds goes back to the front; who was started too often dies alone. Returns {back, dead}.
register('reap', function(c, p, a)
  local l, back, dead, most = p .. ':l:' .. a[1], 0, 0, tonumber(a[2])
  call('SET', p .. ':f:' .. a[1], '1', 'PX', '3600000')
  local held = call('HGETALL', l)
  for i = 1, #held, 2 do
    local b = match(held[i], '^(.+)/%d+$')
    local from, to = decode('>I2I2', held[i + 1])
    local key = p .. ':k:' .. b
    local n = decode('>I2', call('GETRANGE', key, '1', '2'))
    local states, starts, t, gone = call('GETRANGE', key, HEAD + from, HEAD + to - 1), call('GETRANGE', key, HEAD + n + from, HEAD + n + to - 1), {}, 0
    for k = 1, #states do
      local s = byte(states, k)
      if s == 1 and byte(starts, k) >= most then t[k] = '\3'; gone = gone + 1
      elseif s == 1 then t[k] = '\0'; back = back + 1
      else t[k] = char(s) end
    end
    call('SETRANGE', key, HEAD + from, table.concat(t))
    if gone > 0 then call('SETRANGE', key, '3', pack('>I2', decode('>I2', call('GETRANGE', key, '3', '4')) - gone)) end
    call('LPUSH', p .. ':r', b .. '/' .. from .. '/' .. to)
    dead = dead + gone
  end
  call('DEL', l)
  if back + dead > 0 then call('HINCRBY', c, 'active', -(back + dead)); call('HINCRBY', c, 'queued', back) end
  return {back, dead}
end, {'allow-oom'})

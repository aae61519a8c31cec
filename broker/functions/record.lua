-- SPDX-License-Identifier: Apache-2.0
-- The packed record of a task and the few moves that every function shares. What each move means and which
-- are legal is told in ../STATES.md; the broker's own view of the same bytes is ../record.h.
--
-- The files of this folder are one Redis function library, krait_v2, joined in the order of ../local.mk, this one first.
-- Every function takes one key, P:c, and works on one partition P = kr:{NS/QUEUE/PART}:
--
--   P:t:ID   string  the record below              P:ls     zset  sessions that hold something -> deadline
--   P:r:0..9 list    ready ids by priority         P:l:SID  set   ids in flight
--   P:d      zset    delayed ids -> due            P:f:SID  string  this session was declared dead (1 h)
--   P:x      zset    dead letters -> when          P:h      set   brokers that asked for work and got none
--   P:w:ID   set     waiting brokers, if several   P:c      hash  counters (queued active …) and settings
--   P:u:KEY  string  who holds a unique key        P:rl:KEY string  when a rate key's next start is due (GCRA)
--   P:b:ID   hash    parts of a large payload      P:v:ID:ATTEMPT hash  parts of a large result
--   P:p:ID   string  progress                      P:ev     stream  what happened; P:eh set: brokers that listen
--   P:y:ID   string  why a running task is to stop
--   groups (group.lua): P:gz P:g:GRP P:gb zset, zset, set; P:gc hash
--
-- A record, integers big-endian, moments in milliseconds since 1970 in six bytes:
--
--   0 version   1 state   2 reason   3 moved(6)   9 attempt(4)   13 session(16)   29 started(6)
--  35 deliveries(2)  37 retries(2)   39 flags   40 waiter(8)   48 unknown_since(6)   54 enqueued(6)
--  60 priority  61 control   62 due(6)   68 expires(6)   74 result_ttl(6)   80 dedupe(6)
--  86 max_deliveries  87 max_retries(2)   89 extra length   90 body length(4)   94 extra, body, outcome
--
-- Bytes 0..59 are written here, 60.. by the broker that enqueues and never change after; so claim, release and
-- retry are one SETRANGE of one contiguous span each. `body` is a serialized Task, `outcome` a serialized Outcome.
-- `extra` is there only for tasks that ask for more than a place in the queue:
--
--   0 paid   1 conflict rule   2 group length   3 rate key length   4 unique key length   5 unique ttl(6)   11 parts(2)
--  13 group, rate key, unique key; with C_RATE the rate key ends in /US, the microseconds between two starts under it
--
-- What a task does not use costs it one comparison: `flags` is 0 then.

local QUEUED, DELAYED, ACTIVE, DONE, DEAD, CANCELLED = 1, 2, 3, 4, 5, 6      -- State in krait.proto
local R_EXPIRED, R_UNKNOWN, R_LOST, R_CANCELLED = 2, 3, 4, 7                -- Reason in krait.proto
local H_CLAIMED, H_RETRY, H_RETURNED, H_REDONE, H_PURGED = 3, 7, 8, 9, 12    -- Happening; 1, 2, 4, 5, 6 are those of State
local F_CANCEL, F_WAITER, F_WAITERS = 1, 2, 4                                -- flags: somebody wants something of it
local F_EVENTS = 8          -- what becomes of it goes into the event stream
local F_CAPPED = 16         -- claimed under a concurrency cap: somebody may wait for its place
local F_PARTS, F_PROGRESS = 32, 64      -- P:b:ID, P:p:ID are there
local F_EXTRA = 128         -- extra is not empty
local C_DELAY, C_ETA, C_EXPIRES, C_WATCH, C_EXTRA, C_RATE = 1, 2, 4, 8, 16, 32      -- control; C_EXPIRES: relative until enqueued
local HEAD = 94

-- Redis turns every number that a call is given into text by printf("%.17g"), which costs as much as a small command:
-- so the calls of the busy paths are given text.
--
-- Bound at the first call: the library's load phase has neither redis.call nor string.
local call, sub, byte, char, find, pack, decode, band, bor
local Z6, Z16

local function bind()
  call, sub, byte, char, find = redis.call, string.sub, string.byte, string.char, string.find
  pack, decode, band, bor = struct.pack, struct.unpack, bit.band, bit.bor
  Z6, Z16 = string.rep('\0', 6), string.rep('\0', 16)
end

-- ---- the event stream: collected during a call, written once at its end

local happened, n_happened = {}, 0

local function event(what, id, attempt, reason, who)
  n_happened = n_happened + 1
  happened[n_happened] = char(what, reason) .. attempt .. pack('>I2', #id) .. id .. (who or '')
end

-- The event of a task, if its queue recorded events when it came.
local function task_event(what, id, h, reason, who)
  if band(byte(h, 40), F_EVENTS) ~= 0 then event(what, id, sub(h, 10, 13), reason or 0, who) end
end

local function events_write(c, p)
  local cap = call('HGET', c, 'events')
  if cap then
    local ev, eh = p .. ':ev', p .. ':eh'
    for i = 1, n_happened do call('XADD', ev, 'MAXLEN', '~', cap, '*', 'e', happened[i]) end
    call('PEXPIRE', ev, '604800000')
    if call('EXISTS', eh) == 1 then
      for _, broker in ipairs(call('SMEMBERS', eh)) do call('PUBLISH', 'kr:b:' .. broker, 'e' .. p) end
      call('DEL', eh)
    end
  end
  happened, n_happened = {}, 0
end

local function register(name, run, flags)
  redis.register_function{function_name = 'kr2_' .. name, flags = flags or {}, callback = function(keys, args)
    if not call then bind() end
    local c = keys[1]
    local p = sub(c, 1, -3)
    n_happened = 0
    local out = run(c, p, args)
    if n_happened > 0 then events_write(c, p) end
    return out
  end}
end

local function now()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function head(key)
  local h = call('GETRANGE', key, '0', '93')
  if #h == HEAD then return h end
end

-- The extra of a record, of which h holds at least the head: group, rate key, unique key, the extra itself.
local function extra_of(key, h)
  local n = byte(h, 90)
  if n == 0 then return '', '', '' end
  local e = #h >= HEAD + n and sub(h, HEAD + 1, HEAD + n) or call('GETRANGE', key, '94', 93 + n)
  local g, r, u = byte(e, 3, 5)
  return sub(e, 14, 13 + g), sub(e, 14 + g, 13 + g + r), sub(e, 14 + g + r, 13 + g + r + u), e
end

-- Tells up to n hungry brokers that there is work in P; one that nobody hears (PUBLISH answers 0) is gone: try the next.
local function wake(p, n)
  while n > 0 do
    local broker = call('SPOP', p .. ':h')
    if not broker then return end
    if call('PUBLISH', 'kr:b:' .. broker, 'w' .. p) > 0 then n = n - 1 end
  end
end

-- Collects ended tasks for the brokers that wait for them; news_send publishes once a broker.
-- `but`, the calling broker, learns it from the answer: returns whether it waits.
local function news_add(news, p, id, h, record, but)
  local flags = byte(h, 40)
  if band(flags, F_WAITER) == 0 then return false end
  if band(flags, F_WAITERS) == 0 and sub(h, 41, 48) == but then return true end
  local mine = false
  local item = pack('>I2', #id) .. id .. pack('>I4', #record) .. record
  local function tell(broker)
    if broker == but then mine = true; return end
    local list = news[broker]
    if not list then list = {'r', pack('>I2', #p), p}; news[broker] = list end
    list[#list + 1] = item
  end
  tell(sub(h, 41, 48))
  if band(flags, F_WAITERS) ~= 0 then
    local key = p .. ':w:' .. id
    for _, broker in ipairs(call('SMEMBERS', key)) do tell(broker) end
    call('DEL', key)
  end
  return mine
end

local function news_send(news)
  for broker, list in pairs(news) do call('PUBLISH', 'kr:b:' .. broker, table.concat(list)) end
end

-- How long an ended task stays known, in ms, and whether its result stays with it.
local function keep_of(h)
  local result, dedupe = decode('>I6I6', h, 75)
  if result == 0 then return dedupe, false end
  return math.max(result, dedupe), true
end

-- The header of an ended task that keeps no body.
local function ended_head(h, state, reason, ts)
  return '\1' .. char(state, reason) .. pack('>I6', ts) .. sub(h, 10, 89) .. '\0\0\0\0\0'
end

-- A task with flags ends, its record still whole: gives back what it held besides its place. keep: parts stay for so many ms.
local function gone(p, id, key, h, keep)
  local flags = byte(h, 40)
  if band(flags, F_EXTRA) ~= 0 then
    local _, _, unique = extra_of(key, h)
    if unique ~= '' then
      local lock = p .. ':u:' .. unique
      if call('GET', lock) == id then call('DEL', lock) end
    end
  end
  if band(flags, F_PARTS) ~= 0 then
    if keep then call('PEXPIRE', p .. ':b:' .. id, keep) else call('UNLINK', p .. ':b:' .. id) end
  end
  if band(flags, F_PROGRESS) ~= 0 then call('UNLINK', p .. ':p:' .. id) end
end

-- Makes room for one more dead letter.
local function trim_dead(c, p, ts)
  local limits = call('HMGET', c, 'dlq_max', 'dlq_age_ms')
  local cap, age = tonumber(limits[1] or 10000), tonumber(limits[2] or 604800000)
  local x = p .. ':x'
  call('ZREMRANGEBYSCORE', x, '-inf', ts - age)
  local over = math.min(call('ZCARD', x) + 1 - cap, 1000)
  if over > 0 then
    local popped = call('ZPOPMIN', x, over)
    for i = 1, #popped, 2 do call('UNLINK', p .. ':t:' .. popped[i], p .. ':b:' .. popped[i]) end
  end
  return age
end

-- ANY -> DEAD. Keeps the body, so that the task can be run again; returns the record for news_add.
-- Failed tasks stay as dead letters whatever their result TTL says; only the age and the cap take them away.
local function dead(c, p, id, ts, reason, outcome)
  local key = p .. ':t:' .. id
  local full = call('GET', key)
  local blen = decode('>I4', full, 91)
  local record = '\1' .. char(DEAD, reason) .. pack('>I6', ts) .. sub(full, 10, HEAD + byte(full, 90) + blen) .. outcome
  local age = trim_dead(c, p, ts)
  if byte(full, 40) ~= 0 then
    gone(p, id, key, full, age)
    task_event(DEAD, id, full, reason)
  end
  call('SET', key, record, 'PX', age)
  call('ZADD', p .. ':x', ts, id)
  call('PEXPIRE', p .. ':x', age)
  call('HINCRBY', c, 'died', 1)
  return record
end

-- QUEUED, DELAYED or ACTIVE -> CANCELLED. The caller has taken it off its list, set or session.
local function cancelled(c, p, id, h, ts, outcome)
  local keep, with_result = keep_of(h)
  local why = band(byte(h, 40), F_CANCEL) ~= 0 and call('GETDEL', p .. ':y:' .. id)
  if why then outcome = outcome .. why end
  local record = ended_head(h, CANCELLED, R_CANCELLED, ts) .. (with_result and outcome or '')
  local key = p .. ':t:' .. id
  if byte(h, 40) ~= 0 then
    gone(p, id, key, h)
    task_event(CANCELLED, id, h, R_CANCELLED)
  end
  call('SET', key, record, 'PX', keep)
  call('HINCRBY', c, 'cancelled', 1)
  return record, why
end

-- ACTIVE -> QUEUED or DELAYED: the span that claim wrote, with nobody's session.
local function span_idle(h, state, ts, deliveries, retries)
  return char(state) .. '\0' .. pack('>I6', ts) .. sub(h, 10, 13) .. Z16 .. pack('>I6I2I2', 0, deliveries, retries)
end

-- Puts ids into P:d; if one is now the first, a hungry broker must set its alarm anew.
local function schedule(p, args)
  if #args == 0 then return end
  local z = p .. ':d'
  local first = args[1]
  for i = 3, #args, 2 do if args[i] < first then first = args[i] end end
  local before = call('ZRANGE', z, 0, 0, 'WITHSCORES')[2]
  call('ZADD', z, unpack(args))
  if not before or first < tonumber(before) then wake(p, 1) end
end

-- Takes ended or requeued ids from a session; a session that holds nothing here leaves P:ls.
local function unlease(p, sid, ids)
  if #ids == 0 then return end
  local key = p .. ':l:' .. sid
  call('SREM', key, unpack(ids))
  if call('EXISTS', key) == 0 then call('ZREM', p .. ':ls', sid) end
end

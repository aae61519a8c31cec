-- SPDX-License-Identifier: Apache-2.0
-- Takes the outcome of tasks: ACTIVE -> DONE, DEAD, CANCELLED, or back to QUEUED or DELAYED for a retry. Each one is
-- fenced by (attempt, session), so that its effect happens once; which retry policy holds is the broker's to say.

-- kr1_ack 1 P:c BROKER {SID N {ID CTL OUTCOME}*N}*     CTL: attempt(4) to(1) reason(1) delay(6)
-- `to` is a state; QUEUED means "failed: retry if one is left".
-- Returns one byte a task: 'o' done; 'W' done and the calling broker waits for it; 'x' dead, 'y' cancelled, 'X' and 'Y' the
-- same and it waits; 'r' will run again; 'p' unchanged: a retry is left, apply the policy and ack anew with DELAYED or DEAD;
-- 'd' said before; 's' stale.
register('ack', function(c, p, a)
  local ts = now()
  local ts6 = pack('>I6', ts)
  local self, out, news = a[1], {}, {}
  local done, released, requeued, later = 0, 0, 0, {}
  local t = p .. ':t:'
  local ttls, keep, with_result = '', '0', true
  local i = 2
  while i < #a do
    local sid, n = a[i], tonumber(a[i + 1])
    local ids = {}
    i = i + 2
    for j = i, i + 3 * n - 1, 3 do
      local id, ctl = a[j], a[j + 1]
      local key = t .. id
      local h = call('GETRANGE', key, '0', '93')
      local to = byte(ctl, 5)
      if sub(h, 2, 22) ~= '\3' .. sub(ctl, 1, 4) .. sid then
        local ended = #h == HEAD and byte(h, 2) >= DONE and sub(h, 3, 6) == sub(ctl, 1, 4)
        out[#out + 1] = ended and 'd' or 's'
      elseif to == DONE then
        if sub(h, 75, 86) ~= ttls then
          ttls = sub(h, 75, 86)
          keep, with_result = keep_of(h)
          keep = tostring(keep)
        end
        local top = '\1\4' .. sub(h, 3, 22) .. ts6 .. sub(h, 29, 39) .. '\0' .. sub(h, 41, 89) .. '\0\0\0\0\0'
        call('SET', key, with_result and top .. a[j + 2] or top, 'PX', keep)
        ids[#ids + 1] = id
        done = done + 1
        out[#out + 1] = byte(h, 39) ~= 0 and news_add(news, p, id, h, top .. a[j + 2], self) and 'W' or 'o'
      else
        local retries, most = decode('>I2', h, 37), decode('>I2', h, 88)
        local stop = band(byte(h, 39), F_CANCEL) ~= 0
        if to == QUEUED and retries < most and not stop then
          out[#out + 1] = 'p'
        elseif to == DELAYED and retries < most and not stop then
          local delay = decode('>I6', ctl, 7)
          local state = delay > 0 and DELAYED or QUEUED
          call('SETRANGE', key, 1, span_idle(h, state, ts, decode('>I2', h, 35), retries + 1))
          if delay > 0 then later[#later + 1] = ts + delay; later[#later + 1] = id
          else call('RPUSH', p .. ':r:' .. byte(h, 61), id); requeued = requeued + 1 end
          ids[#ids + 1] = id
          out[#out + 1] = 'r'
        else
          local record, told = nil, 'X'
          if to == CANCELLED or stop then record, told = cancelled(c, p, id, h, ts, a[j + 2]), 'Y'
          else record = dead(c, p, id, ts, byte(ctl, 6), a[j + 2]) end
          ids[#ids + 1] = id
          out[#out + 1] = news_add(news, p, id, h, record, self) and told or told:lower()
        end
      end
    end
    released = released + #ids
    unlease(p, sid, ids)
    i = i + 3 * n
  end

  if released > 0 then call('HINCRBY', c, 'active', -released) end
  if done > 0 then call('HINCRBY', c, 'done', done) end
  if requeued > 0 then call('HINCRBY', c, 'queued', requeued); wake(p, requeued) end
  schedule(p, later)
  news_send(news)
  return table.concat(out)
end, {'allow-oom'})

-- SPDX-License-Identifier: Apache-2.0
-- The same kernels for Lua 5.4, as a Lua programmer would write them: NAME prints the seconds of one run.
local function count(n) while n > 0 do n = n - 1 end return n end
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local function squares(n) return coroutine.wrap(function() for i = 0, n - 1 do coroutine.yield(i * i) end end) end
local function sumsquares(n) local s = 0 for v in squares(n) do s = s + v end return s end
local function body(x, y, z, vx, vy, vz, mass) return {x = x, y = y, z = z, vx = vx, vy = vy, vz = vz, mass = mass} end
local function nbody(n)
  local a, b = body(1., 2., 3., .1, .2, .3, 5.), body(-1., -2., -3., -.1, -.2, -.3, 2.)
  local i = 0
  while i < n do
    local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
    local d2 = dx * dx + dy * dy + dz * dz
    local mag = 0.01 / (d2 * d2)
    local m = b.mass * mag
    a.vx = a.vx - dx * m a.vy = a.vy - dy * m a.vz = a.vz - dz * m
    m = a.mass * mag
    b.vx = b.vx + dx * m b.vy = b.vy + dy * m b.vz = b.vz + dz * m
    a.x = a.x + 0.01 * a.vx a.y = a.y + 0.01 * a.vy a.z = a.z + 0.01 * a.vz
    b.x = b.x + 0.01 * b.vx b.y = b.y + 0.01 * b.vy b.z = b.z + 0.01 * b.vz
    i = i + 1
  end
  return a.x
end
local Counter = {} Counter.__index = Counter
function Counter.new() return setmetatable({v = 0}, Counter) end
function Counter:inc() self.v = self.v + 1 end
function Counter:add(n) self.v = self.v + n end
function Counter:get() return self.v end
local function methods(n)
  local c, i = Counter.new(), 0
  while i < n do c:inc() c:add(2) if c:get() > 1000000 then c.v = 0 end i = i + 1 end
  return c.v
end
local Point = {} Point.__index = Point
function Point.new(a, b) return setmetatable({a = a, b = b}, Point) end
local function objects(n)
  local total = 0
  for r = 0, n - 1 do
    local points = {}
    for i = 0, 999 do points[#points + 1] = Point.new(i, r) end
    for _, p in ipairs(points) do total = total + p.a end
  end
  return total
end
local function churn(n)
  local total = 0
  for _ = 1, n do
    local d = {}
    for i = 0, 199 do d[i] = {i, i + 1} end
    local keys = {}
    for k = 0, 199 do if k % 3 == 0 then keys[#keys + 1] = k end end
    for _, k in ipairs(keys) do local v = d[k] v[#v + 1] = k end
    local text = {}
    for _, k in ipairs(keys) do text[#text + 1] = 'k' .. k end
    local s = table.concat(text, ',')
    total = total + #s
    for _, v in pairs(d) do total = total + #v end
  end
  return total
end
local kernels = {count = {count, 30000000}, fib = {fib, 31}, sumsquares = {sumsquares, 12000000}, nbody = {nbody, 1200000}, methods = {methods, 4500000},
                 objects = {objects, 2400}, churn = {churn, 12000}}
local k = kernels[arg[1]]
local t = os.clock()
k[1](k[2])
print(os.clock() - t)

# SPDX-License-Identifier: Apache-2.0
# mpmath: arbitrary precision functions, quadrature, roots, matrices.
from mpmath import mp, mpf, mpc, quad, findroot, zeta, gamma, hyp2f1, besselj, matrix, lu_solve, eig, nsum, diff, polyroots, taylor, odefun, identify, pslq, inf, sin, exp, erf, iv, fp, nstr, workdps, ellipk, lambertw, chop, det
mp.dps = 50
print(mp.pi, mp.e, mpf(2)**0.5, mpf('1e1000') * 3, mpc(1, 2)**3, 1 / mpf(3), mpf(10)**-30 + 1)
print(quad(lambda x: exp(-x**2), [-inf, inf])**2, findroot(lambda x: x**3 - 2, 1), zeta(3), gamma(mpf(1) / 3), hyp2f1(1, 2, 3, 0.5), besselj(0, 10), erf(2), ellipk(0.5), lambertw(1))
print(nsum(lambda n: 1 / n**2, [1, inf]), diff(sin, 1, 3), polyroots([1, 0, -2, 5]), taylor(exp, 0, 5), pslq([mp.pi, mp.atan(1)], maxcoeff=100))
a = matrix([[4, 1], [2, 3]]); print(lu_solve(a, matrix([1, 2])), det(a), a**-1, eig(a)[0], a * a.T)
with workdps(20): print(mp.pi, iv.mpf([1, 2]) * 3, nstr(mp.e, 8), chop(mpc(1, 1e-30)))
f = odefun(lambda x, y: y, 0, 1); print(nstr(f(1), 30), fp.zeta(2.0), mp.factorial(100), mp.binomial(100, 50), mp.fib(200), mp.primepi(1000), mp.agm(1, 2))

# SPDX-License-Identifier: Apache-2.0
# sympy: integrals, equations, series, matrices, printing, number theory, logic.
from sympy import *
x, y, z, n, k = symbols('x y z n k'); f = Function('f')
print(integrate(x**2 * exp(-x), x), integrate(sin(x)**2, (x, 0, pi)), integrate(1 / (x**2 + 1), (x, -oo, oo)), integrate(log(x), x))
print(diff(sin(x) * exp(x**2), x, 2), limit(sin(x) / x, x, 0), limit((1 + 1 / n)**n, n, oo), series(cos(x), x, 0, 8), summation(1 / k**2, (k, 1, oo)), product(k, (k, 1, 5)))
print(solve(x**3 - 6 * x**2 + 11 * x - 6, x), solve([x + y - 3, x - y - 1], [x, y]), solveset(sin(x), x, S.Reals), solve(x**4 + 1, x), nsolve(cos(x) - x, 1))
print(factor(x**6 - 1), expand((x + y)**5), simplify(sin(x)**2 + cos(x)**2), apart(1 / (x * (x + 1) * (x + 2))), together(1 / x + 1 / y), cancel((x**2 - 1) / (x - 1)), trigsimp(2 * sin(x) * cos(x)), radsimp(1 / (sqrt(2) + 1)), collect(x * y + x - 3 + 2 * x**2 - z * x**2, x))
m = Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 10]]); print(m.det(), m.inv(), m.eigenvals(), m.rref(), m.T * m, Matrix([[2, 1], [1, 2]]).eigenvects(), m.charpoly(x).as_expr(), Matrix([[2, 1], [1, 3]]).cholesky())
print(dsolve(f(x).diff(x, 2) + f(x), f(x)), dsolve(f(x).diff(x) - f(x) * x, f(x)), rsolve(Function('a')(n + 1) - 2 * Function('a')(n), Function('a')(n)))
print(factorint(2**64 - 1), isprime(2**127 - 1), list(primerange(50, 100)), gcd(48, 180), totient(36), nextprime(10**12), binomial(30, 15), fibonacci(90), bernoulli(20), continued_fraction(sqrt(7)), npartitions(50))
print(pi.evalf(60), E.evalf(40), zeta(3).evalf(30), (sqrt(2) * pi).n(25), Rational(22, 7), sqrt(8), nsimplify(0.333333333333, rational=True), GoldenRatio.evalf(30), gamma(Rational(1, 2)), exp(I * pi))
pprint(Integral(sqrt(1 / x), (x, 0, oo))); pprint(m); print(pretty(Sum(1 / k**2, (k, 1, n)) + x**Rational(1, 3))); print(latex(Integral(exp(-x**2), (x, -oo, oo)) / sqrt(pi))); print(ccode(sin(x)**2 + pi), pycode(x**2 / y), srepr(x + 1), mathml(x**2))
print(simplify_logic((x & y) | (x & ~y)), satisfiable(x & ~y), to_cnf(x >> (y & z)), Piecewise((x, x > 0), (-x, True)).subs(x, -3), Interval(0, 5).intersect(Interval(3, 9)), FiniteSet(1, 2) | FiniteSet(3))
print(lambdify((x, y), x**2 + sin(y))(3, 0), sympify('2*x + sin(y)/3'), Poly(x**3 + 2 * x, x).all_coeffs(), groebner([x**2 + y, x * y - 1], x, y), resultant(x**2 - 1, x - y, x), laplace_transform(exp(-x), x, y)[0], fourier_series(x, (x, -pi, pi)).truncate(3))
from sympy.combinatorics import Permutation, SymmetricGroup
from sympy.geometry import Point, Circle, Line, Triangle
print(Permutation([1, 2, 0]) * Permutation([0, 2, 1]), SymmetricGroup(4).order(), Circle(Point(0, 0), 5).intersection(Line(Point(0, 3), Point(1, 3))), Triangle(Point(0, 0), Point(4, 0), Point(0, 3)).area)

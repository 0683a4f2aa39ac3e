// Derivatives written by hand, or with dual numbers, as one would without a tool, in C++.

#include "ba.hpp"

// A number with its slopes along N directions.
template <typename T, int N>
struct Dual {
  T x, d[N] = {};
  Dual(double x = 0) : x(x) {}
};
template <typename T, int N, typename F>
Dual<T, N> each(const T& x, F slope) {
  Dual<T, N> y;
  y.x = x;
  for (int i = 0; i < N; i++) y.d[i] = slope(i);
  return y;
}
#define BOTH(op, value, slope)                                                       \
  template <typename T, int N>                                                       \
  Dual<T, N> operator op(const Dual<T, N>& a, const Dual<T, N>& b) {                 \
    return each<T, N>(value, [&](int i) { return slope; });                          \
  }                                                                                  \
  template <typename T, int N>                                                       \
  Dual<T, N> operator op(double a, const Dual<T, N>& b) { return Dual<T, N>(a) op b; } \
  template <typename T, int N>                                                       \
  Dual<T, N> operator op(const Dual<T, N>& a, double b) { return a op Dual<T, N>(b); }
BOTH(+, a.x + b.x, a.d[i] + b.d[i])
BOTH(-, a.x - b.x, a.d[i] - b.d[i])
BOTH(*, a.x * b.x, a.d[i] * b.x + a.x * b.d[i])
BOTH(/, a.x / b.x, (a.d[i] - a.x / b.x * b.d[i]) / b.x)
#define ONE(name, slope)                                     \
  template <typename T, int N>                               \
  Dual<T, N> name(const Dual<T, N>& a) {                     \
    T y = name(a.x), s = slope;                              \
    return each<T, N>(y, [&](int i) { return s * a.d[i]; }); \
  }
using std::cos, std::sin, std::sqrt;
ONE(sqrt, 0.5 / y)
template <typename T, int N> Dual<T, N> cos(const Dual<T, N>& a);
ONE(sin, cos(a.x))
ONE(cos, -1.0 * sin(a.x))
inline double value(double x) { return x; }
template <typename T, int N>
double value(const Dual<T, N>& x) { return value(x.x); }

Derivative bundle(const Data& d) {
  return sparse_by([](const double* x, double* rows) {
    typedef Dual<double, 15> D;
    D in[17], out[3];
    for (int i = 0; i < 17; i++) {
      in[i] = x[i];
      if (i < 15) in[i].d[i] = 1;
    }
    ba(in, out);
    std::copy_n(out[0].d, 15, rows);
    std::copy_n(out[1].d, 15, rows + 15);
    rows[30] = out[2].d[14];
  }, d);
}

// The minors of sets of columns, the bits of s, upwards; and their grads, downwards.
Derivative det(const Data& d) {
  return [&d]() {
    const Array& A = d.at("matrix");
    size_t n = A.shape[0], all = size_t(1) << n;
    Numbers m(all, 0.0), g(all, 0.0), grad(n * n, 0.0);
    auto walk = [&](size_t s, auto step) {
      const double sign[2] = {1, -1};
      size_t row = n - __builtin_popcountll(s), nth = 0;
      for (size_t j = 0; j < n; j++)
        if (s >> j & 1) step(row * n + j, s ^ size_t(1) << j, sign[nth++ % 2]);
    };
    m[0] = g[all - 1] = 1;
    for (size_t s = 1; s < all; s++)
      walk(s, [&](size_t at, size_t rest, double sign) { m[s] += sign * A.x[at] * m[rest]; });
    for (size_t s = all - 1; s; s--)
      walk(s, [&](size_t at, size_t rest, double sign) {
        grad[at] += sign * m[rest] * g[s];
        g[rest] += sign * A.x[at] * g[s];
      });
    return grad;
  };
}

Derivative lstm(const Data& d) {
  return [&d]() {
    auto &text = d.at("text"), &main = d.at("main");
    size_t L = main.shape[0], b = text.shape[1], c = text.shape[0], B = L * b;
    const double *w = main.x.data(), *e = d.at("extra").x.data();
    Numbers theta(main.x.size() + 3 * b), dh(B, 0.0), dc(B, 0.0), guess(b);
    Numbers h((c + 1) * B), cell((c + 1) * B), gates(c * B * 4), tanhs(c * B), p(c * b);
    double *dw = theta.data(), *de = dw + main.x.size(), share = 1.0 / ((c - 1) * b);
    for (size_t l = 0; l < L; l++)
      for (size_t i = 0; i < b; i++) {
        h[l * b + i] = d.at("state").x[2 * l * b + i];
        cell[l * b + i] = d.at("state").x[(2 * l + 1) * b + i];
      }
    for (size_t t = 0; t + 1 < c; t++) {
      for (size_t i = 0; i < b; i++) {
        double in = text.x[t * b + i] * e[i];
        for (size_t l = 0; l < L; l++) {
          const double* v = w + 8 * l * b + i;
          size_t at = t * B + l * b + i, next = at + B;
          double* g = &gates[4 * at];
          g[0] = 1 / (1 + exp(-(in * v[0] + v[4 * b])));
          g[1] = 1 / (1 + exp(-(h[at] * v[b] + v[5 * b])));
          g[2] = 1 / (1 + exp(-(in * v[2 * b] + v[6 * b])));
          g[3] = tanh(h[at] * v[3 * b] + v[7 * b]);
          cell[next] = cell[at] * g[0] + g[1] * g[3];
          in = h[next] = g[2] * (tanhs[at] = tanh(cell[next]));
        }
        guess[i] = in * e[b + i] + e[2 * b + i];
      }
      double sum = 2;
      for (size_t i = 0; i < b; i++) sum += p[t * b + i] = exp(guess[i]);
      for (size_t i = 0; i < b; i++) p[t * b + i] /= sum;
    }
    for (size_t t = c - 1; t-- > 0;) {
      const double* next = &text.x[(t + 1) * b];
      double ones = 0;
      for (size_t i = 0; i < b; i++) ones += next[i];
      for (size_t i = 0; i < b; i++) {
        double slope = share * (ones * p[t * b + i] - next[i]);
        de[b + i] += slope * h[(t + 1) * B + B - b + i];
        de[2 * b + i] += slope;
        dh[B - b + i] += slope * e[b + i];
        for (size_t l = L; l-- > 0;) {
          const double *v = w + 8 * l * b + i, *g = &gates[4 * (t * B + l * b + i)];
          size_t at = t * B + l * b + i, k = l * b + i;
          double th = tanhs[at], in = l ? h[at + B - b] : text.x[t * b + i] * e[i];
          double after = dc[k] + dh[k] * g[2] * (1 - th * th), *o = dw + 8 * l * b + i;
          double z[4] = {after * cell[at] * g[0] * (1 - g[0]), after * g[3] * g[1] * (1 - g[1]),
                         dh[k] * th * g[2] * (1 - g[2]), after * g[1] * (1 - g[3] * g[3])};
          double from[4] = {in, h[at], in, h[at]};
          for (int j = 0; j < 4; j++) {
            o[j * b] += z[j] * from[j];
            o[(4 + j) * b] += z[j];
          }
          dc[k] = after * g[0];
          dh[k] = z[1] * v[b] + z[3] * v[3 * b];
          double below = z[0] * v[0] + z[2] * v[2 * b];
          if (l) dh[k - b] += below; else de[i] += below * text.x[t * b + i];
        }
      }
    }
    return theta;
  };
}

Derivative ode(const Data& d) {
  return [&d]() {
    const Numbers& x = d.at("x").x;
    size_t n = x.size(), s = size_t(d.at("s").x[0]);
    double h = 2.0 / s, by[4] = {0, h / 2, h / 2, h}, share[4] = {h / 6, h / 3, h / 3, h / 6};
    Numbers y(n, 0.0), stages(s * 4 * n), k(n), dx(n, 0.0), dy(n, 0.0), dz(n), dk(n);
    for (size_t step = 0; step < s; step++) {
      Numbers sum = y;
      for (int q = 0; q < 4; q++) {
        double* z = &stages[(step * 4 + q) * n];
        for (size_t i = 0; i < n; i++) z[i] = y[i] + by[q] * k[i];
        k[0] = x[0];
        for (size_t i = 1; i < n; i++) k[i] = x[i] * z[i - 1];
        for (size_t i = 0; i < n; i++) sum[i] += share[q] * k[i];
      }
      y = sum;
    }
    dy[n - 1] = 1;
    for (size_t step = s; step-- > 0;) {
      Numbers total = dy;
      std::fill(dz.begin(), dz.end(), 0.0);
      for (int q = 4; q-- > 0;) {
        const double* z = &stages[(step * 4 + q) * n];
        for (size_t i = 0; i < n; i++) dk[i] = share[q] * dy[i] + (q < 3 ? by[q + 1] * dz[i] : 0);
        dx[0] += dk[0];
        for (size_t i = 1; i < n; i++) dx[i] += dk[i] * z[i - 1];
        for (size_t i = 0; i + 1 < n; i++) dz[i] = dk[i + 1] * x[i + 1];
        dz[n - 1] = 0;
        for (size_t i = 0; i < n; i++) total[i] += dz[i];
      }
      dy = total;
    }
    return dx;
  };
}

// Steepest descent; f(x, slope) gives the value and sets the slope.
template <typename T, size_t N, typename F>
std::array<T, N> lowest(F f, std::array<T, N> x, double rate) {
  std::array<T, N> slope, moved, there_slope;
  auto length = [](const std::array<T, N>& v) {
    double square = 0;
    for (auto& c : v) square += value(c) * value(c);
    return sqrt(square);
  };
  T best = f(x, slope);
  for (int steps = 0; length(slope) > 1e-5;) {
    if (steps == 10) {
      rate *= 2;
      steps = 0;
      continue;
    }
    std::array<T, N> way;
    for (size_t i = 0; i < N; i++) {
      moved[i] = x[i] - rate * slope[i];
      way[i] = x[i] - moved[i];
    }
    if (length(way) <= 1e-5) break;
    T there = f(moved, there_slope);
    if (value(there) < value(best)) {
      x = moved;
      best = there;
      slope = there_slope;
      steps++;
    } else {
      rate /= 2;
      steps = 0;
    }
  }
  return x;
}

Derivative particle(const Data& d) {
  return [&d]() {
    typedef Dual<double, 1> D;
    auto f = [](const std::array<double, 1>& at, std::array<double, 1>& slope) {
      D w(at[0]), x(0.0), y(8.0), u(0.75), v(0.0);
      w.d[0] = 1;
      while (true) {
        Dual<D, 2> p, q, W;
        p.x = x, q.x = y, W.x = w;
        p.d[0] = q.d[1] = D(1.0);
        auto inverse = [&](const Dual<D, 2>& b) {
          auto dx = p - 10.0, dy = q - b;
          return 1.0 / sqrt(dx * dx + dy * dy);
        };
        auto force = inverse(10.0 - W) + inverse(Dual<D, 2>(0.0));
        x = x + 0.1 * u;
        y = y + 0.1 * v;
        if (y.x <= 0) break;
        u = u - 0.1 * force.d[0];
        v = v - 0.1 * force.d[1];
      }
      D at_0 = x - y / v * u, square = at_0 * at_0;
      slope[0] = square.d[0];
      return square.x;
    };
    return Numbers{lowest<double, 1>(f, {d.at("w").x[0]}, 1e-5)[0]};
  };
}

template <typename T>
std::array<T, 2> highest(const std::array<T, 2>& x, const Numbers& start, double rate) {
  auto down = [&](const std::array<T, 2>& y, std::array<T, 2>& slope) {
    typedef Dual<T, 2> D;
    D a, b;
    a.x = y[0], b.x = y[1];
    a.d[0] = b.d[1] = T(1.0);
    D f = a * a + b * b;
    slope = {f.d[0], f.d[1]};
    return f.x - (x[0] * x[0] + x[1] * x[1]);
  };
  return lowest<T, 2>(down, {T(start[0]), T(start[1])}, rate);
}

Derivative saddle(const Data& d) {
  return [&d]() {
    const Numbers& start = d.at("start").x;
    double rate = d.at("rate").x[0];
    auto upper = [&](const std::array<double, 2>& at, std::array<double, 2>& slope) {
      typedef Dual<double, 2> D;
      std::array<D, 2> x = {D(at[0]), D(at[1])};
      x[0].d[0] = x[1].d[1] = 1;
      auto y = highest(x, start, rate);
      D f = x[0] * x[0] + x[1] * x[1] - (y[0] * y[0] + y[1] * y[1]);
      slope = {f.d[0], f.d[1]};
      return f.x;
    };
    auto x = lowest<double, 2>(upper, {start[0], start[1]}, rate);
    auto y = highest(x, start, rate);
    return Numbers{x[0], x[1], y[0], y[1]};
  };
}

int main() {
  return serve({{"ba", bundle}, {"det", det}, {"hello", [](const Data& d) { return [&d]() { return Numbers{2 * d.at("x").x[0]}; }; }},
                {"lstm", lstm}, {"ode", ode}, {"particle", particle}, {"saddle", saddle}});
}

// The problems as templates over a number, and the tools in C++ that differentiate them by a tape:
// CppAD and ADOL-C. It is recorded once, when a problem is prepared, optimized if the tool can, and
// replayed.

#include "ba.hpp"
#include "worker.hpp"

#ifdef WITH_CPPAD
#include <cppad/cppad.hpp>
typedef CppAD::AD<double> Real;
#elif defined WITH_ADOLC
#include <adolc/adolc.h>
typedef adouble Real;
#endif

template <typename T>
T largest(const std::vector<T>& x) {
  T m = x[0];
  for (size_t i = 1; i < x.size(); i++) {
#ifdef WITH_CPPAD
    m = CppAD::CondExpGt(x[i], m, x[i], m);
#elif defined WITH_ADOLC
    m = fmax(x[i], m);
#endif
  }
  return m;
}

template <typename T>
T smaller(const T& a, const T& b) {
#ifdef WITH_CPPAD
  return CppAD::CondExpLt(a, b, a, b);
#else
  return fmin(a, b);
#endif
}

template <typename T>
T logsumexp(const std::vector<T>& x) {
  T m = largest(x), s = 0;
  for (auto& v : x) s += exp(v - m);
  return log(s) + m;
}

// The definitions: all that is differentiated is in one vector x, all that is not in d.

template <typename T>
std::vector<T> hello(const std::vector<T>& x, const Data&) { return {x[0] * x[0]}; }

template <typename T>
T minor_of(const std::vector<T>& A, size_t n, size_t row, std::vector<size_t>& columns) {
  if (columns.size() == 1) return A[row * n + columns[0]];
  T sum = 0;
  for (size_t i = 0; i < columns.size(); i++) {
    size_t column = columns[i];
    columns.erase(columns.begin() + i);
    T term = A[row * n + column] * minor_of(A, n, row + 1, columns);
    columns.insert(columns.begin() + i, column);
    if (i % 2) sum -= term; else sum += term;
  }
  return sum;
}

template <typename T>
std::vector<T> det(const std::vector<T>& x, const Data& d) {
  size_t n = d.at("matrix").shape[0];
  std::vector<size_t> columns(n);
  for (size_t i = 0; i < n; i++) columns[i] = i;
  return {minor_of(x, n, 0, columns)};
}

template <typename T>
std::vector<T> gmm(const std::vector<T>& theta, const Data& data) {
  auto& xs = data.at("x");
  size_t n = xs.shape[0], d = xs.shape[1], k = data.at("a").shape[0], m = d * (d - 1) / 2;
  const T *a = &theta[0], *mean = a + k, *q = mean + k * d, *tri = q + k * d;
  std::vector<T> diagonal(k * d), sums(k, T(0)), betas(k), y(d), c(d);
  T frobenius = 0, result = 0;
  for (size_t i = 0; i < k * d; i++) {
    diagonal[i] = exp(q[i]);
    sums[i / d] += q[i];
    frobenius += diagonal[i] * diagonal[i];
  }
  for (size_t i = 0; i < k * m; i++) frobenius += tri[i] * tri[i];
  for (size_t p = 0; p < n; p++) {
    for (size_t i = 0; i < k; i++) {
      const T* l = tri + i * m;
      for (size_t j = 0; j < d; j++) c[j] = xs.x[p * d + j] - mean[i * d + j];
      for (size_t j = 0; j < d; j++) y[j] = diagonal[i * d + j] * c[j];
      for (size_t j = 0; j < d; j++)
        for (size_t h = j + 1; h < d; h++) y[h] += *l++ * c[j];
      T square = 0;
      for (size_t j = 0; j < d; j++) square += y[j] * y[j];
      betas[i] = a[i] + sums[i] - 0.5 * square;
    }
    result += logsumexp(betas);
  }
  std::vector<T> alphas(a, a + k);
  return {result - double(n) * logsumexp(alphas) - 0.5 * frobenius};  // but for constants
}

template <typename T>
std::vector<T> kmeans(const std::vector<T>& x, const Data& data) {
  auto& p = data.at("points");
  size_t n = p.shape[0], d = p.shape[1], k = x.size() / d;
  T cost = 0;
  for (size_t i = 0; i < n; i++) {
    T closest = 0;
    for (size_t j = 0; j < k; j++) {
      T square = 0;
      for (size_t h = 0; h < d; h++) {
        T way = x[j * d + h] - p.x[i * d + h];
        square += way * way;
      }
      if (j) closest = smaller(closest, square); else closest = square;
    }
    cost += closest;
  }
  return {cost};
}

template <typename T>
std::vector<T> llsq(const std::vector<T>& x, const Data& d) {
  T sum = 0;
  for (size_t i = 0; i < d.at("t").x.size(); i++) {
    double t = d.at("t").x[i], power = 1;
    T rest = d.at("sign").x[i];
    for (auto& c : x) {
      rest -= c * power;
      power *= t;
    }
    sum += rest * rest;
  }
  return {0.5 * sum};
}

template <typename T>
std::vector<T> lse(const std::vector<T>& x, const Data&) { return {logsumexp(x)}; }

template <typename T>
std::vector<T> lstm(const std::vector<T>& theta, const Data& d) {
  auto& text = d.at("text");
  size_t l = d.at("main").shape[0], b = text.shape[1], c = text.shape[0];
  std::vector<T> state(d.at("state").x.begin(), d.at("state").x.end()), signal(b);
  const T* extra = &theta[l * 8 * b];
  T loss = 0;
  auto sigmoid = [](const T& x) -> T { return 1 / (1 + exp(-x)); };
  for (size_t t = 0; t + 1 < c; t++) {
    const double *in = &text.x[t * b], *next = in + b;
    for (size_t i = 0; i < b; i++) signal[i] = in[i] * extra[i];
    for (size_t k = 0; k < l; k++) {
      const T* w = &theta[k * 8 * b];
      T *h = &state[k * 2 * b], *cell = h + b;
      for (size_t i = 0; i < b; i++) {
        T forget = sigmoid(signal[i] * w[i] + w[4 * b + i]);
        T admit = sigmoid(h[i] * w[b + i] + w[5 * b + i]);
        T put_out = sigmoid(signal[i] * w[2 * b + i] + w[6 * b + i]);
        T change = tanh(h[i] * w[3 * b + i] + w[7 * b + i]);
        cell[i] = cell[i] * forget + admit * change;
        h[i] = put_out * tanh(cell[i]);
        signal[i] = h[i];
      }
    }
    T sum = 2, chosen = 0;
    double count = 0;
    for (size_t i = 0; i < b; i++) {
      T guess = signal[i] * extra[b + i] + extra[2 * b + i];
      sum += exp(guess);
      if (next[i]) chosen += next[i] * guess;
      count += next[i];
    }
    loss += count * log(sum) - chosen;
  }
  return {loss / double((c - 1) * b)};
}

template <typename T>
std::vector<T> ode(const std::vector<T>& x, const Data& d) {
  size_t n = x.size(), s = size_t(d.at("s").x[0]);
  double h = 2.0 / s;
  std::vector<T> y(n, T(0)), z(n), k(n), sum(n);
  auto rates = [&](const std::vector<T>& y) {
    k[0] = x[0];
    for (size_t i = 1; i < n; i++) k[i] = x[i] * y[i - 1];
  };
  for (size_t i = 0; i < s; i++) {
    rates(y);
    for (int stage = 0; stage < 3; stage++) {
      double by = stage < 2 ? h / 2 : h;
      for (size_t j = 0; j < n; j++) {
        if (stage) sum[j] += 2 * k[j]; else sum[j] = k[j];
        z[j] = y[j] + by * k[j];
      }
      rates(z);
    }
    for (size_t j = 0; j < n; j++) y[j] += h / 6 * (sum[j] + k[j]);
  }
  return {y[n - 1]};
}

// The hand: as ht.py has it.
template <typename T>
std::vector<T> ht(const std::vector<T>& x, const Data& d) {
  typedef std::vector<T> Map;  // 3 x 4
  const T* theta = &x[0];
  auto product = [](const Map& A, const Map& B) {
    Map C(12);
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 4; j++) {
        C[i * 4 + j] = A[i * 4] * B[j] + A[i * 4 + 1] * B[4 + j] + A[i * 4 + 2] * B[8 + j];
        if (j == 3) C[i * 4 + j] += A[i * 4 + 3];
      }
    return C;
  };
  T angle = sqrt(theta[0] * theta[0] + theta[1] * theta[1] + theta[2] * theta[2]);
  T c = cos(angle), s = sin(angle), a[3];
  for (int i = 0; i < 3; i++) a[i] = theta[i] / angle;
  Map whole(12);
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) whole[i * 4 + j] = (1 - c) * a[i] * a[j];
    int j = (i + 1) % 3, k = (i + 2) % 3;
    whole[i * 4 + i] += c;
    whole[i * 4 + j] -= s * a[k];
    whole[i * 4 + k] += s * a[j];
    whole[i * 4 + 3] = theta[3 + i];
  }
  std::vector<Map> absolutes, maps;
  auto constant = [&](const char* name, int bone) {
    auto from = d.at(name).x.begin() + bone * 12;
    return Map(from, from + 12);
  };
  const T* next = theta + 6;
  for (int bone = 0; bone < 22; bone++) {
    int joint = bone && bone < 21 ? (bone - 1) % 4 : 0;
    int parent = !bone ? -1 : bone == 21 || bone % 4 == 1 ? 0 : bone - 1;
    Map base = constant("bases", bone);
    if (joint) {
      T cx = cos(*next), sx = sin(*next), cz = 1, sz = 0;
      next++;
      if (joint == 1) {
        cz = cos(*next);
        sz = sin(*next++);
      }
      T o = 0;
      base = product(base, {cz, -sz * cx, sz * sx, o, sz, cz * cx, -cz * sx, o, o, sx, cx, o});
    }
    absolutes.push_back(product(parent < 0 ? whole : absolutes[parent], base));
    maps.push_back(product(absolutes.back(), constant("inverses", bone)));
  }
  auto& corners = d.at("corners").x;
  auto &weights = d.at("weights").x, &skin = d.at("skin").x, &points = d.at("points").x;
  std::vector<T> vertices(weights.size() / 22 * 3, T(0)), errors(points.size());
  for (size_t v = 0; v < weights.size() / 22; v++)
    for (int bone = 0; bone < 22; bone++)
      if (double w = weights[v * 22 + bone])
        for (int i = 0; i < 3; i++)
          for (int j = 0; j < 4; j++)
            vertices[v * 3 + i] += maps[bone][i * 4 + j] * (w * skin[v * 4 + j]);
  for (size_t p = 0; p < points.size() / 3; p++) {
    const T &u = x[26 + 2 * p], &v = x[27 + 2 * p];
    for (int i = 0; i < 3; i++) {
      auto corner = [&](int k) { return vertices[size_t(corners[p * 3 + k]) * 3 + i]; };
      errors[p * 3 + i] = points[p * 3 + i] - (u * corner(0) + v * corner(1) + (1 - u - v) * corner(2));
    }
  }
  return errors;
}

// What is differentiated of a problem's data, one after another.
Numbers joined(const Data& d, const std::vector<std::string>& names) {
  Numbers all;
  for (auto& name : names) all.insert(all.end(), d.at(name).x.begin(), d.at(name).x.end());
  return all;
}

const std::map<std::string, std::vector<std::string>> BY = {
    {"hello", {"x"}}, {"det", {"matrix"}}, {"gmm", {"a", "mean", "q", "tri"}},
    {"kmeans", {"centroids"}}, {"llsq", {"x"}}, {"lse", {"x"}}, {"lstm", {"main", "extra"}},
    {"ode", {"x"}}, {"ht", {"theta", "u"}}};

typedef std::vector<Real> (*Definition)(const std::vector<Real>&, const Data&);

// A tape of f at x.
struct Tape {
  size_t n, m;
#ifdef WITH_CPPAD
  CppAD::ADFun<double> tape;
  Tape(Definition f, const Numbers& x, const Data& d) : n(x.size()) {
    std::vector<Real> in(x.begin(), x.end());
    CppAD::Independent(in);
    std::vector<Real> out = f(in, d);
    m = out.size();
    tape.Dependent(in, out);
    tape.optimize("no_compare_op no_conditional_skip no_print_for_op");
  }
  Numbers gradient(const Numbers& x) {
    tape.Forward(0, x);
    return tape.Reverse(1, Numbers{1});
  }
  Numbers rows(const Numbers& x) {  // m rows of n
    Numbers J, w(m);
    tape.Forward(0, x);
    for (size_t i = 0; i < m; i++) {
      w.assign(m, 0.0);
      w[i] = 1;
      Numbers row = tape.Reverse(1, w);
      J.insert(J.end(), row.begin(), row.end());
    }
    return J;
  }
  Numbers along(const Numbers& x, const Numbers& way) {  // a forward pass
    tape.Forward(0, x);
    return tape.Forward(1, way);
  }
  void twice(const Numbers& x, Numbers& g, Numbers& h) {  // gradient, and Hessian times ones
    tape.Forward(0, x);
    tape.Forward(1, Numbers(n, 1.0));
    Numbers both = tape.Reverse(2, Numbers{1});
    for (size_t i = 0; i < n; i++) {
      g[i] = both[2 * i];
      h[i] = both[2 * i + 1];
    }
  }
#elif defined WITH_ADOLC
  Tape(Definition f, const Numbers& x, const Data& d) : n(x.size()) {
    trace_on(1);
    std::vector<Real> in(n);
    for (size_t i = 0; i < n; i++) in[i] <<= x[i];
    std::vector<Real> out = f(in, d);
    m = out.size();
    double ignored;
    for (auto& y : out) y >>= ignored;
    trace_off();
  }
  Numbers gradient(const Numbers& x) {
    Numbers g(n);
    ::gradient(1, n, (double*)x.data(), g.data());
    return g;
  }
  Numbers rows(const Numbers& x) {
    Numbers J(m * n);
    std::vector<double*> rows(m);
    for (size_t i = 0; i < m; i++) rows[i] = &J[i * n];
    ::jacobian(1, m, n, (double*)x.data(), rows.data());
    return J;
  }
  Numbers along(const Numbers& x, const Numbers& way) {
    Numbers y(m), dy(m);
    fos_forward(1, m, n, 0, (double*)x.data(), (double*)way.data(), y.data(), dy.data());
    return dy;
  }
  void twice(const Numbers& x, Numbers& g, Numbers& h) {
    ::gradient(1, n, (double*)x.data(), g.data());
    Numbers ones(n, 1.0);
    hess_vec(1, n, (double*)x.data(), ones.data(), h.data());
  }
#endif
};

template <typename T>
std::vector<T> observed(const std::vector<T>& x, const Data&) {
  std::vector<T> errors(3);
  ba(&x[0], &errors[0]);
  return errors;
}

Derivative sparse(const Data& d) {
  Numbers one(17, 0.5);
  auto tape = std::make_shared<Tape>(observed<Real>, one, d);
  return sparse_by([tape](const double* x, double* rows) {
    Numbers J = tape->rows(Numbers(x, x + 17));
    std::copy_n(&J[0], 15, rows);
    std::copy_n(&J[17], 15, rows + 15);
    rows[30] = J[34 + 14];
  }, d);
}

Derivative prepared(const std::string& name, const Data& d) {
  static const std::map<std::string, Definition> ALL = {
      {"hello", hello<Real>}, {"det", det<Real>}, {"gmm", gmm<Real>}, {"kmeans", kmeans<Real>},
      {"llsq", llsq<Real>}, {"lse", lse<Real>}, {"lstm", lstm<Real>}, {"ode", ode<Real>}, {"ht", ht<Real>}};
  Numbers x = joined(d, BY.at(name));
  auto tape = std::make_shared<Tape>(ALL.at(name), x, d);
  if (name == "kmeans") return [=]() {
    Numbers g(x.size()), h(x.size());
    tape->twice(x, g, h);
    for (size_t i = 0; i < g.size(); i++) g[i] /= h[i];
    return g;
  };
  if (name == "ht") return [=]() {  // the columns of u are those of all points at once
    Numbers J(28 * tape->m), way(x.size());
    for (size_t c = 0; c < 28; c++) {
      way.assign(x.size(), 0.0);
      if (c >= 2) way[c - 2] = 1;
      else for (size_t i = 26 + c; i < x.size(); i += 2) way[i] = 1;
      Numbers column = tape->along(x, way);
      for (size_t i = 0; i < column.size(); i++) J[28 * i + c] = column[i];
    }
    return J;
  };
  return [=]() { return tape->gradient(x); };
}

int main() {
  Prepare all = {{"ba", sparse}};
  for (auto& one : BY) {
    std::string name = one.first;
    all[name] = [name](const Data& d) { return prepared(name, d); };
  }
  return serve(all);
}

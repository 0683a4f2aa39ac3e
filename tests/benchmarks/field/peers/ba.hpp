// Bundle adjustment: the errors of an observation, and the sparse Jacobian of all.

#pragma once
#include "worker.hpp"

// x: 11 numbers of the camera, 3 of the point, the weight, 2 of the feature.
template <typename T>
void ba(const T* x, T* errors) {
  const T *r = x, *c = x + 3, *p = x + 11;
  T X[3] = {p[0] - c[0], p[1] - c[1], p[2] - c[2]};
  T angle = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
  T co = cos(angle), si = sin(angle), a[3], t[3];
  for (int i = 0; i < 3; i++) a[i] = r[i] / angle;
  T along = (a[0] * X[0] + a[1] * X[1] + a[2] * X[2]) * (1 - co);
  for (int i = 0; i < 3; i++) {
    int j = (i + 1) % 3, k = (i + 2) % 3;
    t[i] = X[i] * co + (a[j] * X[k] - a[k] * X[j]) * si + a[i] * along;
  }
  T u = t[0] / t[2], v = t[1] / t[2], sq = u * u + v * v;
  T lens = 1 + x[9] * sq + x[10] * sq * sq;
  errors[0] = x[14] * (u * lens * x[6] + x[7] - x[15]);
  errors[1] = x[14] * (v * lens * x[6] + x[8] - x[16]);
  errors[2] = 1 - x[14] * x[14];
}

// rows(x, J): 15 + 15 + 1 numbers of the Jacobian of one observation.
template <typename F>
Derivative sparse_by(F rows, const Data& d) {
  return [rows, &d]() {
    size_t p = d.at("weights").x.size();
    Numbers J(31 * p);
    double x[17], one[31];
    for (size_t i = 0; i < p; i++) {
      std::copy_n(&d.at("cameras").x[11 * size_t(d.at("by").x[i])], 11, x);
      std::copy_n(&d.at("points").x[3 * size_t(d.at("of").x[i])], 3, x + 11);
      x[14] = d.at("weights").x[i];
      std::copy_n(&d.at("features").x[2 * i], 2, x + 15);
      rows(x, one);
      std::copy_n(one, 30, &J[30 * i]);
      J[30 * p + i] = one[30];
    }
    return J;
  };
}

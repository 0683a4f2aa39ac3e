/* The rows by number.
   Printed from the table: python -m autograd.engine.printer */

#define COUNT 74
#define DIGEST "176eca2bc8975549"
enum { ROW_add, ROW_subtract, ROW_multiply, ROW_divide, ROW_negative, ROW_positive, ROW_reciprocal, ROW_square, ROW_power, ROW_pow, ROW_sqrt, ROW_cbrt, ROW_hypot, ROW_exp, ROW_exp2, ROW_expm1, ROW_log, ROW_log2, ROW_log10, ROW_log1p, ROW_sin, ROW_cos, ROW_tan, ROW_asin, ROW_acos, ROW_atan, ROW_atan2, ROW_sinh, ROW_cosh, ROW_sech, ROW_tanh, ROW_asinh, ROW_acosh, ROW_atanh, ROW_sign, ROW_floor, ROW_ceil, ROW_trunc, ROW_rint, ROW_floor_divide, ROW_mod, ROW_abs, ROW_maximum, ROW_minimum, ROW_clip, ROW_where, ROW_relu, ROW_leaky_relu, ROW_elu, ROW_sigmoid, ROW_softplus, ROW_log_sigmoid, ROW_silu, ROW_softsign, ROW_erf, ROW_erfc, ROW_gelu, ROW_logaddexp, ROW_xlogy, ROW_total, ROW_mean, ROW_dot, ROW_logsumexp, ROW_largest, ROW_smallest, ROW_less, ROW_less_equal, ROW_greater, ROW_greater_equal, ROW_equal, ROW_not_equal, ROW_logical_and, ROW_logical_or, ROW_logical_xor };
static const char *const ROW_NAMES[] = { "add", "subtract", "multiply", "divide", "negative", "positive", "reciprocal", "square", "power", "pow", "sqrt", "cbrt", "hypot", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "sech", "tanh", "asinh", "acosh", "atanh", "sign", "floor", "ceil", "trunc", "rint", "floor_divide", "mod", "abs", "maximum", "minimum", "clip", "where", "relu", "leaky_relu", "elu", "sigmoid", "softplus", "log_sigmoid", "silu", "softsign", "erf", "erfc", "gelu", "logaddexp", "xlogy", "total", "mean", "dot", "logsumexp", "largest", "smallest", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_xor" };

static inline double row_sech(double x) { return (1.0 / cosh(x)); }
static inline double row_sign(double x) { return ((x > 0.0) ? 1.0 : ((x < 0.0) ? (-1.0) : x)); }
static inline double row_sigmoid(double x) { return ((x >= 0.0) ? (1.0 / (1.0 + exp((-x)))) : (exp(x) / (1.0 + exp(x)))); }
static inline double row_softplus(double x) { return ((x > 0.0) ? (x + log1p(exp((-x)))) : log1p(exp(x))); }
static inline double row_maximum(double a, double b) { return ((a >= b) ? a : ((a < b) ? b : (a + b))); }
static inline double row_minimum(double a, double b) { return ((a <= b) ? a : ((a > b) ? b : (a + b))); }

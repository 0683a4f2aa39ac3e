/* A line a row: name, result, partials.
   Printed from the table: python -m autograd.engine.printer */

static inline double row_sech(double x) { return (1.0 / cosh(x)); }
static inline double row_sign(double x) { return ((x > 0.0) ? 1.0 : ((x < 0.0) ? (-1.0) : x)); }
static inline double row_sigmoid(double x) { return ((x >= 0.0) ? (1.0 / (1.0 + exp((-x)))) : (exp(x) / (1.0 + exp(x)))); }
static inline double row_softplus(double x) { return ((x > 0.0) ? (x + log1p(exp((-x)))) : log1p(exp(x))); }

BINARY(add, (a + b), 1.0, 1.0)
BINARY(subtract, (a - b), 1.0, (-1.0))
BINARY(multiply, (a * b), b, a)
BINARY(divide, (a / b), (1.0 / b), ((-y) / b))
UNARY(negative, (-x), (-1.0))
static PyObject *slot_negative(PyObject *self) { return op_negative(self, NULL); }
UNARY(positive, (+x), 1.0)
static PyObject *slot_positive(PyObject *self) { return op_positive(self, NULL); }
UNARY(reciprocal, (1.0 / x), (-(y * y)))
UNARY(square, (x * x), (2.0 * x))
UNARY_ONE(power, n, 3.0, pow(x, n), ((n == 0.0) ? 0.0 : (n * pow(x, (n - 1.0)))))
BINARY(pow, pow(a, b), (((a > 0.0) || (b != 0.0)) ? (b * pow(a, (b - 1.0))) : 0.0), ((a == 0.0) ? ((b >= 0.0) ? 0.0 : ((b < 0.0) ? (-INFINITY) : NAN)) : (y * log(a))))
UNARY(sqrt, sqrt(x), (0.5 / y))
UNARY(cbrt, cbrt(x), (1.0 / (3.0 * (y * y))))
BINARY(hypot, hypot_(a, b), (a / y), (b / y))
UNARY(exp, exp(x), y)
UNARY(exp2, exp2(x), (y * 0.6931471805599453))
UNARY(expm1, expm1(x), exp(x))
UNARY(log, log(x), (1.0 / x))
UNARY(log2, log2(x), (1.0 / (x * 0.6931471805599453)))
UNARY(log10, log10(x), (1.0 / (x * 2.302585092994046)))
UNARY(log1p, log1p(x), (1.0 / (1.0 + x)))
UNARY(sin, sin(x), cos(x))
UNARY(cos, cos(x), (-sin(x)))
UNARY(tan, tan(x), (1.0 + (y * y)))
UNARY(asin, asin(x), ((fabs(x) < 0.5) ? (1.0 / sqrt((1.0 - (x * x)))) : (1.0 / (sqrt((1.0 - x)) * sqrt((1.0 + x))))))
UNARY(acos, acos(x), ((fabs(x) < 0.5) ? ((-1.0) / sqrt((1.0 - (x * x)))) : ((-1.0) / (sqrt((1.0 - x)) * sqrt((1.0 + x))))))
UNARY(atan, atan(x), (1.0 / (1.0 + (x * x))))
BINARY(atan2, atan2(a, b), ((hypot_(a, b) == 0.0) ? 0.0 : ((b / hypot_(a, b)) / hypot_(a, b))), ((hypot_(a, b) == 0.0) ? (-0.0) : (((-a) / hypot_(a, b)) / hypot_(a, b))))
UNARY(sinh, sinh(x), cosh(x))
UNARY(cosh, cosh(x), sinh(x))
UNARY(sech, (1.0 / cosh(x)), ((-y) * tanh(x)))
UNARY(tanh, tanh(x), pow(row_sech(x), 2.0))
UNARY(asinh, asinh(x), (1.0 / hypot_(1.0, x)))
UNARY(acosh, acosh(x), (1.0 / (sqrt((x - 1.0)) * sqrt((x + 1.0)))))
UNARY(atanh, atanh(x), ((fabs(x) < 0.5) ? (1.0 / (1.0 - (x * x))) : (1.0 / ((1.0 - x) * (1.0 + x)))))
UNARY(sign, ((x > 0.0) ? 1.0 : ((x < 0.0) ? (-1.0) : x)), 0.0)
UNARY(floor, floor(x), 0.0)
UNARY(ceil, ceil(x), 0.0)
UNARY(trunc, trunc(x), 0.0)
UNARY(rint, rint(x), 0.0)
BINARY(floor_divide, floor_divide(a, b), 0.0, 0.0)
BINARY(mod, mod(a, b), 1.0, (-floor_divide(a, b)))
UNARY(abs, fabs(x), row_sign(x))
static PyObject *slot_abs(PyObject *self) { return op_abs(self, NULL); }
BINARY(maximum, ((a >= b) ? a : ((a < b) ? b : (a + b))), ((a > b) ? 1.0 : ((a < b) ? 0.0 : ((a == b) ? 0.5 : 1.0))), ((b > a) ? 1.0 : ((b < a) ? 0.0 : ((a == b) ? 0.5 : 1.0))))
BINARY(minimum, ((a <= b) ? a : ((a > b) ? b : (a + b))), ((a < b) ? 1.0 : ((a > b) ? 0.0 : ((a == b) ? 0.5 : 1.0))), ((b < a) ? 1.0 : ((b > a) ? 0.0 : ((a == b) ? 0.5 : 1.0))))
UNARY_TWO(clip, low, -1.0, high, 1.0, ((x < low) ? ((low > high) ? high : low) : ((x > high) ? high : x)), ((x < low) ? 0.0 : ((x > high) ? 0.0 : 1.0)))
BINARY_ONE(where, condition, 1.0, (condition ? a : b), (condition ? 1.0 : 0.0), (condition ? 0.0 : 1.0))
UNARY(relu, ((x <= 0.0) ? 0.0 : x), ((x <= 0.0) ? 0.0 : 1.0))
UNARY_ONE(leaky_relu, slope, 0.01, ((x > 0.0) ? x : (slope * x)), ((x > 0.0) ? 1.0 : slope))
UNARY_ONE(elu, alpha, 1.0, ((x <= 0.0) ? (alpha * expm1(x)) : x), ((x <= 0.0) ? (alpha * exp(x)) : 1.0))
UNARY(sigmoid, ((x >= 0.0) ? (1.0 / (1.0 + exp((-x)))) : (exp(x) / (1.0 + exp(x)))), (pow(row_sech((x / 2.0)), 2.0) / 4.0))
UNARY(softplus, ((x > 0.0) ? (x + log1p(exp((-x)))) : log1p(exp(x))), row_sigmoid(x))
UNARY(log_sigmoid, (-row_softplus((-x))), row_sigmoid((-x)))
UNARY(silu, (x * row_sigmoid(x)), (row_sigmoid(x) * (1.0 + (x * row_sigmoid((-x))))))
UNARY(softsign, ((fabs(x) < INFINITY) ? (x / (1.0 + fabs(x))) : row_sign(x)), (1.0 / pow((1.0 + fabs(x)), 2.0)))
UNARY(erf, erf(x), ((2.0 / 1.7724538509055159) * exp((-(x * x)))))
UNARY(erfc, erfc(x), (((-2.0) / 1.7724538509055159) * exp((-(x * x)))))
UNARY(gelu, ((0.5 * x) * erfc(((-x) / 1.4142135623730951))), ((0.5 * erfc(((-x) / 1.4142135623730951))) + ((x * exp(((-0.5) * (x * x)))) / 2.5066282746310002)))
BINARY(logaddexp, ((a == b) ? (a + 0.6931471805599453) : ((a > b) ? (a + log1p(exp((b - a)))) : (b + log1p(exp((a - b)))))), row_sigmoid((a - b)), row_sigmoid((b - a)))
BINARY(xlogy, ((a == 0.0) ? ((b >= 0.0) ? 0.0 : NAN) : (a * log(b))), (((a == 0.0) && (b <= 0.0)) ? 0.0 : log(b)), (((a == 0.0) && (b == 0.0)) ? 0.0 : (a / b)))

static const binaryfunc call_of[] = { op_add, op_subtract, op_multiply, op_divide, op_negative, op_positive, op_reciprocal, op_square, NULL, op_pow, op_sqrt, op_cbrt, op_hypot, op_exp, op_exp2, op_expm1, op_log, op_log2, op_log10, op_log1p, op_sin, op_cos, op_tan, op_asin, op_acos, op_atan, op_atan2, op_sinh, op_cosh, op_sech, op_tanh, op_asinh, op_acosh, op_atanh, op_sign, op_floor, op_ceil, op_trunc, op_rint, op_floor_divide, op_mod, op_abs, op_maximum, op_minimum, NULL, NULL, op_relu, NULL, NULL, op_sigmoid, op_softplus, op_log_sigmoid, op_silu, op_softsign, op_erf, op_erfc, op_gelu, op_logaddexp, op_xlogy, NULL, NULL, NULL, NULL, NULL, NULL };
static const Method with_constants[] = { NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, (Method)op_power, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, (Method)op_clip, (Method)op_where, NULL, (Method)op_leaky_relu, (Method)op_elu, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL };
static Result *const result_of[] = { result_add, result_subtract, result_multiply, result_divide, result_negative, result_positive, result_reciprocal, result_square, result_power, result_pow, result_sqrt, result_cbrt, result_hypot, result_exp, result_exp2, result_expm1, result_log, result_log2, result_log10, result_log1p, result_sin, result_cos, result_tan, result_asin, result_acos, result_atan, result_atan2, result_sinh, result_cosh, result_sech, result_tanh, result_asinh, result_acosh, result_atanh, result_sign, result_floor, result_ceil, result_trunc, result_rint, result_floor_divide, result_mod, result_abs, result_maximum, result_minimum, result_clip, NULL, result_relu, result_leaky_relu, result_elu, result_sigmoid, result_softplus, result_log_sigmoid, result_silu, result_softsign, result_erf, result_erfc, result_gelu, result_logaddexp, result_xlogy, NULL, NULL, NULL, NULL, NULL, NULL };
static const int operands_of[] = { 2, 2, 2, 2, 1, 1, 1, 1, 0, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 2, 2, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 3, 1, 1, 1 };

#define ROW_METHODS \
    {"add", QUICKLY(named_add), METH_O, "add($self, other, /)\n--\n\nadd: y = a + b, dy/da = 1, dy/db = 1."}, \
    {"subtract", QUICKLY(named_subtract), METH_O, "subtract($self, other, /)\n--\n\nsubtract: y = a - b, dy/da = 1, dy/db = -1."}, \
    {"multiply", QUICKLY(named_multiply), METH_O, "multiply($self, other, /)\n--\n\nmultiply: y = a * b, dy/da = b, dy/db = a."}, \
    {"divide", QUICKLY(named_divide), METH_O, "divide($self, other, /)\n--\n\ndivide: y = a / b, dy/da = 1 / b, dy/db = -y / b, needs b != 0."}, \
    {"true_divide", QUICKLY(named_divide), METH_O, "true_divide($self, other, /)\n--\n\ndivide: y = a / b, dy/da = 1 / b, dy/db = -y / b, needs b != 0."}, \
    {"negative", QUICKLY(op_negative), METH_NOARGS, "negative($self, /)\n--\n\nnegative: y = -x, dy/dx = -1."}, \
    {"positive", QUICKLY(op_positive), METH_NOARGS, "positive($self, /)\n--\n\npositive: y = +x, dy/dx = 1."}, \
    {"reciprocal", QUICKLY(op_reciprocal), METH_NOARGS, "reciprocal($self, /)\n--\n\nreciprocal: y = 1 / x, dy/dx = -y**2, needs x != 0."}, \
    {"square", QUICKLY(op_square), METH_NOARGS, "square($self, /)\n--\n\nsquare: y = x**2, dy/dx = 2 * x."}, \
    {"power", QUICKLY(op_power), METH_FASTCALL | METH_KEYWORDS, "power($self, n=3.0)\n--\n\npower: y = x**n, dy/dx = where(n == 0, 0, n * x**(n - 1)), needs x >= 0 or whole(n), needs x != 0 or n >= 0."}, \
    {"pow", QUICKLY(named_pow), METH_O, "pow($self, other, /)\n--\n\npow: y = a**b, dy/da = where(a > 0 or b != 0, b * a**(b - 1), 0), dy/db = where(a == 0, where(b >= 0, 0, where(b < 0, -inf, nan)), y * log(a)), needs a >= 0 or whole(b), needs a != 0 or b >= 0."}, \
    {"sqrt", QUICKLY(op_sqrt), METH_NOARGS, "sqrt($self, /)\n--\n\nsqrt: y = sqrt(x), dy/dx = 0.5 / y, needs x >= 0."}, \
    {"cbrt", QUICKLY(op_cbrt), METH_NOARGS, "cbrt($self, /)\n--\n\ncbrt: y = cbrt(x), dy/dx = 1 / (3 * y**2)."}, \
    {"hypot", QUICKLY(named_hypot), METH_O, "hypot($self, other, /)\n--\n\nhypot: y = hypot(a, b), dy/da = a / y, dy/db = b / y."}, \
    {"exp", QUICKLY(op_exp), METH_NOARGS, "exp($self, /)\n--\n\nexp: y = exp(x), dy/dx = y."}, \
    {"exp2", QUICKLY(op_exp2), METH_NOARGS, "exp2($self, /)\n--\n\nexp2: y = exp2(x), dy/dx = y * LN2."}, \
    {"expm1", QUICKLY(op_expm1), METH_NOARGS, "expm1($self, /)\n--\n\nexpm1: y = expm1(x), dy/dx = exp(x)."}, \
    {"log", QUICKLY(op_log), METH_NOARGS, "log($self, /)\n--\n\nlog: y = log(x), dy/dx = 1 / x, needs x > 0."}, \
    {"log2", QUICKLY(op_log2), METH_NOARGS, "log2($self, /)\n--\n\nlog2: y = log2(x), dy/dx = 1 / (x * LN2), needs x > 0."}, \
    {"log10", QUICKLY(op_log10), METH_NOARGS, "log10($self, /)\n--\n\nlog10: y = log10(x), dy/dx = 1 / (x * LN10), needs x > 0."}, \
    {"log1p", QUICKLY(op_log1p), METH_NOARGS, "log1p($self, /)\n--\n\nlog1p: y = log1p(x), dy/dx = 1 / (1 + x), needs x > -1."}, \
    {"sin", QUICKLY(op_sin), METH_NOARGS, "sin($self, /)\n--\n\nsin: y = sin(x), dy/dx = cos(x), needs abs(x) < inf."}, \
    {"cos", QUICKLY(op_cos), METH_NOARGS, "cos($self, /)\n--\n\ncos: y = cos(x), dy/dx = -sin(x), needs abs(x) < inf."}, \
    {"tan", QUICKLY(op_tan), METH_NOARGS, "tan($self, /)\n--\n\ntan: y = tan(x), dy/dx = 1 + y**2, needs abs(x) < inf."}, \
    {"asin", QUICKLY(op_asin), METH_NOARGS, "asin($self, /)\n--\n\nasin: y = asin(x), dy/dx = where(abs(x) < 0.5, 1 / sqrt(1 - x**2), 1 / (sqrt(1 - x) * sqrt(1 + x))), needs abs(x) <= 1."}, \
    {"arcsin", QUICKLY(op_asin), METH_NOARGS, "arcsin($self, /)\n--\n\nasin: y = asin(x), dy/dx = where(abs(x) < 0.5, 1 / sqrt(1 - x**2), 1 / (sqrt(1 - x) * sqrt(1 + x))), needs abs(x) <= 1."}, \
    {"acos", QUICKLY(op_acos), METH_NOARGS, "acos($self, /)\n--\n\nacos: y = acos(x), dy/dx = where(abs(x) < 0.5, -1 / sqrt(1 - x**2), -1 / (sqrt(1 - x) * sqrt(1 + x))), needs abs(x) <= 1."}, \
    {"arccos", QUICKLY(op_acos), METH_NOARGS, "arccos($self, /)\n--\n\nacos: y = acos(x), dy/dx = where(abs(x) < 0.5, -1 / sqrt(1 - x**2), -1 / (sqrt(1 - x) * sqrt(1 + x))), needs abs(x) <= 1."}, \
    {"atan", QUICKLY(op_atan), METH_NOARGS, "atan($self, /)\n--\n\natan: y = atan(x), dy/dx = 1 / (1 + x**2)."}, \
    {"arctan", QUICKLY(op_atan), METH_NOARGS, "arctan($self, /)\n--\n\natan: y = atan(x), dy/dx = 1 / (1 + x**2)."}, \
    {"atan2", QUICKLY(named_atan2), METH_O, "atan2($self, other, /)\n--\n\natan2: y = atan2(a, b), dy/da = where(hypot(a, b) == 0, 0, b / hypot(a, b) / hypot(a, b)), dy/db = where(hypot(a, b) == 0, -0.0, -a / hypot(a, b) / hypot(a, b))."}, \
    {"arctan2", QUICKLY(named_atan2), METH_O, "arctan2($self, other, /)\n--\n\natan2: y = atan2(a, b), dy/da = where(hypot(a, b) == 0, 0, b / hypot(a, b) / hypot(a, b)), dy/db = where(hypot(a, b) == 0, -0.0, -a / hypot(a, b) / hypot(a, b))."}, \
    {"sinh", QUICKLY(op_sinh), METH_NOARGS, "sinh($self, /)\n--\n\nsinh: y = sinh(x), dy/dx = cosh(x)."}, \
    {"cosh", QUICKLY(op_cosh), METH_NOARGS, "cosh($self, /)\n--\n\ncosh: y = cosh(x), dy/dx = sinh(x)."}, \
    {"sech", QUICKLY(op_sech), METH_NOARGS, "sech($self, /)\n--\n\nsech: y = 1 / cosh(x), dy/dx = -y * tanh(x)."}, \
    {"tanh", QUICKLY(op_tanh), METH_NOARGS, "tanh($self, /)\n--\n\ntanh: y = tanh(x), dy/dx = sech(x)**2."}, \
    {"asinh", QUICKLY(op_asinh), METH_NOARGS, "asinh($self, /)\n--\n\nasinh: y = asinh(x), dy/dx = 1 / hypot(1, x)."}, \
    {"arcsinh", QUICKLY(op_asinh), METH_NOARGS, "arcsinh($self, /)\n--\n\nasinh: y = asinh(x), dy/dx = 1 / hypot(1, x)."}, \
    {"acosh", QUICKLY(op_acosh), METH_NOARGS, "acosh($self, /)\n--\n\nacosh: y = acosh(x), dy/dx = 1 / (sqrt(x - 1) * sqrt(x + 1)), needs x >= 1."}, \
    {"arccosh", QUICKLY(op_acosh), METH_NOARGS, "arccosh($self, /)\n--\n\nacosh: y = acosh(x), dy/dx = 1 / (sqrt(x - 1) * sqrt(x + 1)), needs x >= 1."}, \
    {"atanh", QUICKLY(op_atanh), METH_NOARGS, "atanh($self, /)\n--\n\natanh: y = atanh(x), dy/dx = where(abs(x) < 0.5, 1 / (1 - x**2), 1 / ((1 - x) * (1 + x))), needs abs(x) < 1."}, \
    {"arctanh", QUICKLY(op_atanh), METH_NOARGS, "arctanh($self, /)\n--\n\natanh: y = atanh(x), dy/dx = where(abs(x) < 0.5, 1 / (1 - x**2), 1 / ((1 - x) * (1 + x))), needs abs(x) < 1."}, \
    {"sign", QUICKLY(op_sign), METH_NOARGS, "sign($self, /)\n--\n\nsign: y = where(x > 0, 1, where(x < 0, -1, x)), dy/dx = 0."}, \
    {"floor", QUICKLY(op_floor), METH_NOARGS, "floor($self, /)\n--\n\nfloor: y = floor(x), dy/dx = 0."}, \
    {"__floor__", QUICKLY(op_floor), METH_NOARGS, "__floor__($self, /)\n--\n\nfloor: y = floor(x), dy/dx = 0."}, \
    {"ceil", QUICKLY(op_ceil), METH_NOARGS, "ceil($self, /)\n--\n\nceil: y = ceil(x), dy/dx = 0."}, \
    {"__ceil__", QUICKLY(op_ceil), METH_NOARGS, "__ceil__($self, /)\n--\n\nceil: y = ceil(x), dy/dx = 0."}, \
    {"trunc", QUICKLY(op_trunc), METH_NOARGS, "trunc($self, /)\n--\n\ntrunc: y = trunc(x), dy/dx = 0."}, \
    {"__trunc__", QUICKLY(op_trunc), METH_NOARGS, "__trunc__($self, /)\n--\n\ntrunc: y = trunc(x), dy/dx = 0."}, \
    {"rint", QUICKLY(op_rint), METH_NOARGS, "rint($self, /)\n--\n\nrint: y = rint(x), dy/dx = 0."}, \
    {"floor_divide", QUICKLY(named_floor_divide), METH_O, "floor_divide($self, other, /)\n--\n\nfloor_divide: y = a // b, dy/da = 0, dy/db = 0, needs b != 0."}, \
    {"mod", QUICKLY(named_mod), METH_O, "mod($self, other, /)\n--\n\nmod: y = a % b, dy/da = 1, dy/db = -(a // b), needs b != 0."}, \
    {"remainder", QUICKLY(named_mod), METH_O, "remainder($self, other, /)\n--\n\nmod: y = a % b, dy/da = 1, dy/db = -(a // b), needs b != 0."}, \
    {"abs", QUICKLY(op_abs), METH_NOARGS, "abs($self, /)\n--\n\nabs: y = abs(x), dy/dx = sign(x)."}, \
    {"absolute", QUICKLY(op_abs), METH_NOARGS, "absolute($self, /)\n--\n\nabs: y = abs(x), dy/dx = sign(x)."}, \
    {"fabs", QUICKLY(op_abs), METH_NOARGS, "fabs($self, /)\n--\n\nabs: y = abs(x), dy/dx = sign(x)."}, \
    {"maximum", QUICKLY(named_maximum), METH_O, "maximum($self, other, /)\n--\n\nmaximum: y = where(a >= b, a, where(a < b, b, a + b)), dy/da = where(a > b, 1, where(a < b, 0, where(a == b, 0.5, 1))), dy/db = where(b > a, 1, where(b < a, 0, where(a == b, 0.5, 1)))."}, \
    {"minimum", QUICKLY(named_minimum), METH_O, "minimum($self, other, /)\n--\n\nminimum: y = where(a <= b, a, where(a > b, b, a + b)), dy/da = where(a < b, 1, where(a > b, 0, where(a == b, 0.5, 1))), dy/db = where(b < a, 1, where(b > a, 0, where(a == b, 0.5, 1)))."}, \
    {"clip", QUICKLY(op_clip), METH_FASTCALL | METH_KEYWORDS, "clip($self, low=-1.0, high=1.0)\n--\n\nclip: y = where(x < low, where(low > high, high, low), where(x > high, high, x)), dy/dx = where(x < low, 0, where(x > high, 0, 1))."}, \
    {"where", QUICKLY(op_where), METH_FASTCALL | METH_KEYWORDS, "where($self, other, condition=1.0)\n--\n\nwhere: y = where(condition, a, b), dy/da = where(condition, 1, 0), dy/db = where(condition, 0, 1)."}, \
    {"relu", QUICKLY(op_relu), METH_NOARGS, "relu($self, /)\n--\n\nrelu: y = where(x <= 0, 0, x), dy/dx = where(x <= 0, 0, 1)."}, \
    {"leaky_relu", QUICKLY(op_leaky_relu), METH_FASTCALL | METH_KEYWORDS, "leaky_relu($self, slope=0.01)\n--\n\nleaky_relu: y = where(x > 0, x, slope * x), dy/dx = where(x > 0, 1, slope)."}, \
    {"elu", QUICKLY(op_elu), METH_FASTCALL | METH_KEYWORDS, "elu($self, alpha=1.0)\n--\n\nelu: y = where(x <= 0, alpha * expm1(x), x), dy/dx = where(x <= 0, alpha * exp(x), 1)."}, \
    {"sigmoid", QUICKLY(op_sigmoid), METH_NOARGS, "sigmoid($self, /)\n--\n\nsigmoid: y = where(x >= 0, 1 / (1 + exp(-x)), exp(x) / (1 + exp(x))), dy/dx = sech(x / 2)**2 / 4."}, \
    {"softplus", QUICKLY(op_softplus), METH_NOARGS, "softplus($self, /)\n--\n\nsoftplus: y = where(x > 0, x + log1p(exp(-x)), log1p(exp(x))), dy/dx = sigmoid(x)."}, \
    {"log_sigmoid", QUICKLY(op_log_sigmoid), METH_NOARGS, "log_sigmoid($self, /)\n--\n\nlog_sigmoid: y = -softplus(-x), dy/dx = sigmoid(-x)."}, \
    {"silu", QUICKLY(op_silu), METH_NOARGS, "silu($self, /)\n--\n\nsilu: y = x * sigmoid(x), dy/dx = sigmoid(x) * (1 + x * sigmoid(-x))."}, \
    {"softsign", QUICKLY(op_softsign), METH_NOARGS, "softsign($self, /)\n--\n\nsoftsign: y = where(abs(x) < inf, x / (1 + abs(x)), sign(x)), dy/dx = 1 / (1 + abs(x))**2."}, \
    {"erf", QUICKLY(op_erf), METH_NOARGS, "erf($self, /)\n--\n\nerf: y = erf(x), dy/dx = 2 / SQRT_PI * exp(-x**2)."}, \
    {"erfc", QUICKLY(op_erfc), METH_NOARGS, "erfc($self, /)\n--\n\nerfc: y = erfc(x), dy/dx = -2 / SQRT_PI * exp(-x**2)."}, \
    {"gelu", QUICKLY(op_gelu), METH_NOARGS, "gelu($self, /)\n--\n\ngelu: y = 0.5 * x * erfc(-x / SQRT_2), dy/dx = 0.5 * erfc(-x / SQRT_2) + x * exp(-0.5 * x**2) / SQRT_2PI."}, \
    {"logaddexp", QUICKLY(named_logaddexp), METH_O, "logaddexp($self, other, /)\n--\n\nlogaddexp: y = where(a == b, a + LN2, where(a > b, a + log1p(exp(b - a)), b + log1p(exp(a - b)))), dy/da = sigmoid(a - b), dy/db = sigmoid(b - a)."}, \
    {"xlogy", QUICKLY(named_xlogy), METH_O, "xlogy($self, other, /)\n--\n\nxlogy: y = where(a == 0, where(b >= 0, 0, nan), a * log(b)), dy/da = where(a == 0 and b <= 0, 0, log(b)), dy/db = where(a == 0 and b == 0, 0, a / b), needs b > 0 or a == 0 and b == 0."}, \


#define ROW_SLOTS \
    {Py_nb_add, op_add}, \
    {Py_nb_subtract, op_subtract}, \
    {Py_nb_multiply, op_multiply}, \
    {Py_nb_true_divide, op_divide}, \
    {Py_nb_negative, slot_negative}, \
    {Py_nb_positive, slot_positive}, \
    {Py_nb_floor_divide, op_floor_divide}, \
    {Py_nb_remainder, op_mod}, \
    {Py_nb_absolute, slot_abs}, \


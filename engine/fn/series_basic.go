package fn

import (
	"math"
	"strconv"

	"tidemark/table"
)

func init() {
	for _, f := range []struct {
		name, doc, arg, want string
		f                    func(float64) float64
	}{
		{"series_exp", "Takes e to the power of each element.", "[0]", "[1.0]", math.Exp},
		{"series_log", "Takes the natural logarithm of each element.", "[1]", "[0.0]", math.Log},
		{"series_sin", "Takes the sine of each element.", "[0]", "[0.0]", math.Sin},
		{"series_cos", "Takes the cosine of each element.", "[0]", "[1.0]", math.Cos},
		{"series_tan", "Takes the tangent of each element.", "[0]", "[0.0]", math.Tan},
		{"series_asin", "Takes the arcsine of each element.", "[0]", "[0.0]", math.Asin},
		{"series_acos", "Takes the arccosine of each element.", "[1]", "[0.0]", math.Acos},
		{"series_atan", "Takes the arctangent of each element.", "[0]", "[0.0]", math.Atan},
		{"series_floor", "Rounds each element down.", "[-1.5, 1, 2.5]", "[-2.0,1.0,2.0]", math.Floor},
		{"series_ceiling", "Rounds each element up.", "[-1.5, 1, 2.5]", "[-1.0,1.0,3.0]", math.Ceil},
	} {
		registerSeries1(f.name, f.doc, f.arg, f.want, func(v num) num { return realNum(f.f(v.f)) })
	}
	registerSeries1("series_abs", "Takes each element without its sign.", "[-6.5, 0, 8.2]", "[6.5,0,8.2]", func(v num) num {
		if v.whole {
			return wholeNum(max(v.i, -v.i))
		}
		return realNum(math.Abs(v.f))
	})
	registerSeries1("series_sign", "Takes the sign of each element: -1, 0 or 1.", "[-6, 0, 8]", "[-1,0,1]", func(v num) num {
		return wholeNum(int64(signOf(v.f)))
	})
	for _, f := range []struct {
		name, doc, want string
		f               func(a, b num) string
	}{
		{"series_add", "Adds two series, element by element.", "[5,4,5]", func(a, b num) string {
			return arith(a, b, func(x, y int64) int64 { return x + y }, func(x, y float64) float64 { return x + y })
		}},
		{"series_subtract", "Subtracts the second series from the first, element by element.", "[-3,0,3]", func(a, b num) string {
			return arith(a, b, func(x, y int64) int64 { return x - y }, func(x, y float64) float64 { return x - y })
		}},
		{"series_multiply", "Multiplies two series, element by element.", "[4,4,4]", func(a, b num) string {
			return arith(a, b, func(x, y int64) int64 { return x * y }, func(x, y float64) float64 { return x * y })
		}},
		{"series_divide", "Divides the first series by the second, element by element.", "[0.25,1.0,4.0]", func(a, b num) string { return realNum(a.f / b.f).String() }},
		{"series_pow", "Takes the elements of the first series to the power of the second's.", "[1.0,4.0,4.0]", func(a, b num) string { return realNum(math.Pow(a.f, b.f)).String() }},
		{"series_greater", "Tells for each element whether the first series is greater.", "[false,false,true]", func(a, b num) string { return strconv.FormatBool(a.f > b.f) }},
		{"series_greater_equals", "Tells for each element whether the first series is greater or the same.", "[false,true,true]", func(a, b num) string { return strconv.FormatBool(a.f >= b.f) }},
		{"series_less", "Tells for each element whether the first series is less.", "[true,false,false]", func(a, b num) string { return strconv.FormatBool(a.f < b.f) }},
		{"series_less_equals", "Tells for each element whether the first series is less or the same.", "[true,true,false]", func(a, b num) string { return strconv.FormatBool(a.f <= b.f) }},
		{"series_equals", "Tells for each element whether the series are the same.", "[false,true,false]", func(a, b num) string { return strconv.FormatBool(a.f == b.f) }},
		{"series_not_equals", "Tells for each element whether the series differ.", "[true,false,true]", func(a, b num) string { return strconv.FormatBool(a.f != b.f) }},
	} {
		register(Scalar{
			Name: f.name, Family: "series", Doc: f.doc,
			Examples: []Example{{"print " + f.name + "(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", f.want}},
			Overloads: []Overload{
				Rows([]Param{P(table.Dynamic), P(table.Dynamic)}, false, table.Dynamic, pairwise(f.f)),
				Rows([]Param{P(table.Dynamic), Number}, false, table.Dynamic, pairwise(f.f)),
				Rows([]Param{Number, P(table.Dynamic)}, false, table.Dynamic, pairwise(f.f)),
			},
		})
	}
}

func registerSeries1(name, doc, arg, want string, f func(num) num) {
	register(Scalar{
		Name: name, Family: "series", Doc: doc,
		Examples: []Example{{"print " + name + "(dynamic(" + arg + "))", want}},
		Overloads: []Overload{Try1(func(a Dyn) (Dyn, bool) {
			values, ok := series(string(a))
			if !ok {
				return "", false
			}
			out := make([]string, len(values))
			for i, v := range values {
				if out[i] = "null"; v.ok {
					out[i] = f(v).String()
				}
			}
			return joinElements(out), true
		})},
	})
}

// num is an element of a series. Whole numbers stay whole through sums and
// products.
type num struct {
	f     float64
	i     int64 // where whole
	whole bool
	ok    bool // is a number at all
}

func realNum(f float64) num { return num{f: f, ok: true} }

func wholeNum(i int64) num { return num{f: float64(i), i: i, whole: true, ok: true} }

// String is the number as JSON.
func (n num) String() string {
	switch {
	case !n.ok:
		return "null"
	case n.whole:
		return strconv.FormatInt(n.i, 10)
	}
	return JSON(table.Real, n.f)
}

// readNum reads the text of an element.
func readNum(v string) num {
	if i, err := strconv.ParseInt(v, 10, 64); err == nil {
		return wholeNum(i)
	}
	f, ok := number(v)
	return num{f: f, ok: ok}
}

// series reads the elements of an array, or reports that there is none.
func series(a string) ([]num, bool) {
	if !isArray(a) {
		return nil, false
	}
	out := make([]num, 0, 16)
	eachElement(a, func(v string) bool { out = append(out, readNum(v)); return true })
	return out, true
}

// realSeries reads an array that consists of numbers.
func realSeries(a string) ([]float64, bool) {
	values, ok := series(a)
	out := make([]float64, len(values))
	for i, v := range values {
		ok = ok && v.ok
		out[i] = v.f
	}
	return out, ok
}

func arith(a, b num, whole func(x, y int64) int64, f func(x, y float64) float64) string {
	if a.whole && b.whole {
		return wholeNum(whole(a.i, b.i)).String()
	}
	return realNum(f(a.f, b.f)).String()
}

// operand is an argument that is a series, or a number that stands for a
// series of it.
func operand(t table.Type, v any) (values []num, scalar, ok bool) {
	if t != table.Dynamic {
		n := readNum(TextOf(t, v))
		return []num{n}, true, n.ok
	}
	s, _ := v.(string)
	if isArray(s) {
		values, ok = series(s)
		return values, false, ok
	}
	n := readNum(s)
	return []num{n}, true, n.ok
}

// operands reads two arguments and gives them the same length: missing
// elements are no numbers.
func operands(types []table.Type, row []any) (a, b []num, ok bool) {
	a, aScalar, aok := operand(types[0], row[0])
	b, bScalar, bok := operand(types[1], row[1])
	if !aok || !bok || aScalar && bScalar {
		return nil, nil, false
	}
	n := max(len(a), len(b))
	if aScalar {
		n = len(b)
	} else if bScalar {
		n = len(a)
	}
	return stretch(a, aScalar, n), stretch(b, bScalar, n), true
}

func stretch(v []num, scalar bool, n int) []num {
	out := make([]num, n)
	for i := range out {
		switch {
		case scalar:
			out[i] = v[0]
		case i < len(v):
			out[i] = v[i]
		}
	}
	return out
}

func pairwise(f func(a, b num) string) func([]table.Type, []any) any {
	return func(types []table.Type, row []any) any {
		a, b, ok := operands(types, row)
		if !ok {
			return nil
		}
		out := make([]string, len(a))
		for i := range out {
			if out[i] = "null"; a[i].ok && b[i].ok {
				out[i] = f(a[i], b[i])
			}
		}
		return string(joinElements(out))
	}
}

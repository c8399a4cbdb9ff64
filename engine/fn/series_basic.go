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
		f               pairOp
	}{
		{"series_add", "Adds two series, element by element.", "[5,4,5]", func(out []byte, a, b num) []byte {
			return arith(a, b, func(x, y int64) int64 { return x + y }, func(x, y float64) float64 { return x + y }).append(out)
		}},
		{"series_subtract", "Subtracts the second series from the first, element by element.", "[-3,0,3]", func(out []byte, a, b num) []byte {
			return arith(a, b, func(x, y int64) int64 { return x - y }, func(x, y float64) float64 { return x - y }).append(out)
		}},
		{"series_multiply", "Multiplies two series, element by element.", "[4,4,4]", func(out []byte, a, b num) []byte {
			return arith(a, b, func(x, y int64) int64 { return x * y }, func(x, y float64) float64 { return x * y }).append(out)
		}},
		{"series_divide", "Divides the first series by the second, element by element.", "[0.25,1.0,4.0]", func(out []byte, a, b num) []byte { return realNum(a.f / b.f).append(out) }},
		{"series_pow", "Takes the elements of the first series to the power of the second's.", "[1.0,4.0,4.0]", func(out []byte, a, b num) []byte { return realNum(math.Pow(a.f, b.f)).append(out) }},
		{"series_greater", "Tells for each element whether the first series is greater.", "[false,false,true]", func(out []byte, a, b num) []byte { return strconv.AppendBool(out, a.f > b.f) }},
		{"series_greater_equals", "Tells for each element whether the first series is greater or the same.", "[false,true,true]", func(out []byte, a, b num) []byte { return strconv.AppendBool(out, a.f >= b.f) }},
		{"series_less", "Tells for each element whether the first series is less.", "[true,false,false]", func(out []byte, a, b num) []byte { return strconv.AppendBool(out, a.f < b.f) }},
		{"series_less_equals", "Tells for each element whether the first series is less or the same.", "[true,true,false]", func(out []byte, a, b num) []byte { return strconv.AppendBool(out, a.f <= b.f) }},
		{"series_equals", "Tells for each element whether the series are the same.", "[false,true,false]", func(out []byte, a, b num) []byte { return strconv.AppendBool(out, a.f == b.f) }},
		{"series_not_equals", "Tells for each element whether the series differ.", "[true,false,true]", func(out []byte, a, b num) []byte { return strconv.AppendBool(out, a.f != b.f) }},
	} {
		register(Scalar{
			Name: f.name, Family: "series", Doc: f.doc,
			Examples: []Example{{"print " + f.name + "(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", f.want}},
			Overloads: []Overload{
				pairwise(f.f, P(table.Dynamic), P(table.Dynamic)), pairwise(f.f, P(table.Dynamic), Number), pairwise(f.f, Number, P(table.Dynamic)),
			},
		})
	}
}

func registerSeries1(name, doc, arg, want string, f func(num) num) {
	register(Scalar{
		Name: name, Family: "series", Doc: doc,
		Examples: []Example{{"print " + name + "(dynamic(" + arg + "))", want}},
		Overloads: []Overload{perBatch(func() Overload {
			var out []byte
			return Try1(func(a Dyn) (Dyn, bool) {
				if !isArray(string(a)) {
					return "", false
				}
				out = append(out[:0], '[')
				eachElement(string(a), func(v string) bool {
					n := readNum(v)
					if n.ok {
						n = f(n)
					}
					out = append(n.append(out), ',')
					return true
				})
				return Dyn(closed(out)), true
			})
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
func (n num) String() string { return string(n.append(make([]byte, 0, 24))) }

func (n num) append(b []byte) []byte {
	switch {
	case !n.ok:
		return append(b, "null"...)
	case n.whole:
		return strconv.AppendInt(b, n.i, 10)
	}
	return appendRealJSON(b, n.f)
}

// closed ends an array whose elements all have a comma behind them.
func closed(b []byte) []byte {
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(b, ']')
}

// readNum reads the text of an element.
func readNum(v string) num {
	if isWhole(v) {
		if i, err := strconv.ParseInt(v, 10, 64); err == nil {
			return wholeNum(i)
		}
	}
	f, ok := number(v)
	return num{f: f, ok: ok}
}

// series reads the elements of an array, or reports that there is none.
func series(a string) ([]num, bool) { return appendSeries(make([]num, 0, 16), a) }

func appendSeries(to []num, a string) ([]num, bool) {
	if !isArray(a) {
		return to, false
	}
	eachElement(a, func(v string) bool { to = append(to, readNum(v)); return true })
	return to, true
}

// realSeries reads an array that consists of numbers.
func realSeries(a string) ([]float64, bool) {
	ok := isArray(a)
	out := make([]float64, 0, 16)
	eachElement(a, func(v string) bool {
		n := readNum(v)
		ok = ok && n.ok
		out = append(out, n.f)
		return true
	})
	return out, ok
}

func arith(a, b num, whole func(x, y int64) int64, f func(x, y float64) float64) num {
	if a.whole && b.whole {
		return wholeNum(whole(a.i, b.i))
	}
	return realNum(f(a.f, b.f))
}

// operand is an argument that is a series, or a number that stands for a
// series of it. It is used again for each row of a batch.
type operand struct {
	values []num
	scalar bool
}

func (o *operand) read(t table.Type, v any) bool {
	text, _ := v.(string)
	if t != table.Dynamic {
		text = TextOf(t, v)
	} else if isArray(text) {
		o.values, _ = appendSeries(o.values[:0], text)
		o.scalar = false
		return true
	}
	n := readNum(text)
	o.values, o.scalar = append(o.values[:0], n), true
	return n.ok
}

// at is an element; those beyond the end are no numbers.
func (o *operand) at(i int) num {
	switch {
	case o.scalar:
		return o.values[0]
	case i < len(o.values):
		return o.values[i]
	}
	return num{}
}

// operands are two arguments of which at least one is a series.
type operands struct{ a, b operand }

// read returns how long the longer series is.
func (o *operands) read(types []table.Type, row []any) (n int, ok bool) {
	if !o.a.read(types[0], row[0]) || !o.b.read(types[1], row[1]) || o.a.scalar && o.b.scalar {
		return 0, false
	}
	switch {
	case o.a.scalar:
		return len(o.b.values), true
	case o.b.scalar:
		return len(o.a.values), true
	}
	return max(len(o.a.values), len(o.b.values)), true
}

// pairOp appends what becomes of two elements.
type pairOp func(out []byte, a, b num) []byte

func pairwise(f pairOp, params ...Param) Overload {
	return perBatch(func() Overload {
		var o operands
		var out []byte
		return Rows(params, false, table.Dynamic, func(types []table.Type, row []any) any {
			n, ok := o.read(types, row)
			if !ok {
				return nil
			}
			out = append(out[:0], '[')
			for i := range n {
				if a, b := o.a.at(i), o.b.at(i); a.ok && b.ok {
					out = append(f(out, a, b), ',')
				} else {
					out = append(out, "null,"...)
				}
			}
			return string(closed(out))
		})
	})
}

package fn

import (
	"math"

	"tidemark/internal/dec"
	"tidemark/table"
)

// The arithmetic operators. See https://learn.microsoft.com/kusto/query/numerical-operators
// and https://learn.microsoft.com/kusto/query/datetime-timespan-arithmetic
func init() {
	arithmetic(Scalar{Name: "+", Doc: "The sum.", Examples: []Example{{`print datetime(2024-01-31) + 1d`, `2024-02-01T00:00:00.0000000Z`}}, Overloads: []Overload{
		longs(func(a, b int64) int64 { return a + b }), reals(func(a, b float64) float64 { return a + b }), decimals('+'),
		Try2(addTime), Try2(func(d table.Duration, t table.Time) (table.Time, bool) { return addTime(t, d) }),
		Try2(addDuration),
	}})
	arithmetic(Scalar{Name: "-", Doc: "The difference.", Examples: []Example{{`print datetime(2024-03-01) - datetime(2024-02-01)`, `29.00:00:00`}}, Overloads: []Overload{
		longs(func(a, b int64) int64 { return a - b }), reals(func(a, b float64) float64 { return a - b }), decimals('-'),
		Of2(func(a, b table.Time) table.Duration { return table.Duration(a - b) }),
		Try2(func(t table.Time, d table.Duration) (table.Time, bool) { return addTime(t, -d) }),
		Try2(func(d table.Duration, t table.Time) (table.Time, bool) { v := table.Time(d) - t; return v, v.Valid() }),
		Try2(func(a, b table.Duration) (table.Duration, bool) { return addDuration(a, -b) }),
	}})
	arithmetic(Scalar{Name: "*", Doc: "The product.", Examples: []Example{{`print 1h * 1.5`, `01:30:00`}}, Overloads: []Overload{
		longs(func(a, b int64) int64 { return a * b }), reals(func(a, b float64) float64 { return a * b }), decimals('*'),
		Of2(func(d table.Duration, n int64) table.Duration { return d * table.Duration(n) }),
		Of2(func(n int64, d table.Duration) table.Duration { return d * table.Duration(n) }),
		Try2(scale), Try2(func(f float64, d table.Duration) (table.Duration, bool) { return scale(d, f) }),
	}})
	arithmetic(Scalar{Name: "/", Doc: "The quotient; of whole numbers, cut towards zero. Division by zero gives null, of reals infinity.", Examples: []Example{{`print 7 / 2`, `3`}}, Overloads: []Overload{
		Try2(divideLongs), reals(func(a, b float64) float64 { return a / b }), decimals('/'),
		Of2(func(a, b table.Duration) float64 { return float64(a) / float64(b) }),
		Try2(func(d table.Duration, n int64) (table.Duration, bool) {
			v, ok := divideLongs(int64(d), n)
			return table.Duration(v), ok
		}),
		Try2(func(d table.Duration, f float64) (table.Duration, bool) { return scale(d, 1/f) }),
	}})
	arithmetic(Scalar{Name: "%", Doc: "The remainder, which is never negative.", Examples: []Example{{`print -14 % 12`, `10`}}, Overloads: []Overload{
		Try2(modulo[int64]), reals(func(a, b float64) float64 {
			m := math.Mod(a, b)
			if m < 0 {
				m += math.Abs(b)
			}
			return m
		}), decimals('%'),
		Try2(modulo[table.Duration]),
		Try2(func(t table.Time, d table.Duration) (table.Duration, bool) { return modulo(table.Duration(t), d) }),
	}})
	arithmetic(Scalar{Name: "unary-", Doc: "The value with its sign changed.", Examples: []Example{{`print -(1d)`, `-1.00:00:00`}}, Overloads: []Overload{
		Try1(func(a Dyn) (Dyn, bool) { return dynamicArith("-", "0", a) }),
		Of1(func(a int64) int64 { return -a }), Of1(func(a float64) float64 { return -a }),
		Try1(func(a Dec) (Dec, bool) { return decOp('-', "0", a) }), Of1(func(d table.Duration) table.Duration { return -d }),
	}})
}

// arithmetic registers an operator whose overloads take a dynamic operand as a
// number of the other's type; two dynamics give a dynamic.
func arithmetic(s Scalar) {
	s.Family, s.Page = "operator", "numerical-operators"
	overloads := s.Overloads
	named := s.Name
	if len(overloads[0].Params) == 1 {
		operator(s)
		return
	}
	both := Try2(func(a, b Dyn) (Dyn, bool) { return dynamicArith(named, a, b) })
	s.Resolve = func(args []Arg) (Overload, error) {
		l, r := args[0].Type, args[1].Type
		if l == table.Dynamic && r == table.Dynamic {
			return both, nil
		}
		best := -1
		var found Overload
		for _, o := range overloads {
			if _, cost := o.accept(args, true); cost >= 0 && (best < 0 || cost < best) && o.suits(named, l, r) {
				best, found = cost, o
			}
		}
		if best < 0 {
			return Overload{}, &UndefinedError{named, l, r}
		}
		return found, nil
	}
	operator(s)
}

// suits keeps a dynamic operand from choosing a type by the accident of cost:
// beside a number it is a number of that type, beside a datetime that it is
// added to a timespan, and otherwise it is only added or taken away.
func (o Overload) suits(operator string, l, r table.Type) bool {
	if l != table.Dynamic && r != table.Dynamic {
		return true
	}
	a, b := table.Type(o.Params[0]), table.Type(o.Params[1])
	switch {
	case a == b:
		return a.IsNumeric() || operator == "-" || operator == "+"
	case operator == "+":
		return l == table.Datetime && a == l || r == table.Datetime && b == r
	}
	return false
}

func longs(f func(a, b int64) int64) Overload { return Of2(f) }

func reals(f func(a, b float64) float64) Overload { return Of2(f) }

func decimals(op byte) Overload {
	return Try2(func(a, b Dec) (Dec, bool) { return decOp(op, a, b) })
}

func decOp(op byte, a, b Dec) (Dec, bool) {
	v, ok := dec.Op(op, string(a), string(b))
	return Dec(v), ok
}

func addTime(t table.Time, d table.Duration) (table.Time, bool) {
	v := t + table.Time(d)
	return v, v.Valid()
}

func addDuration(a, b table.Duration) (table.Duration, bool) {
	v := a + b
	return v, (v > a) == (b > 0)
}

func scale(d table.Duration, f float64) (table.Duration, bool) {
	v := float64(d) * f
	return table.Duration(math.Round(v)), v >= -1<<63 && v < 1<<63
}

func divideLongs(a, b int64) (int64, bool) {
	if b == 0 {
		return 0, false
	}
	return a / b, true
}

func modulo[T ~int64](a, b T) (T, bool) {
	if b == 0 {
		return 0, false
	}
	m := a % b
	if m < 0 {
		if b < 0 {
			m -= b
		} else {
			m += b
		}
	}
	return m, true
}

// dynamicArith computes with two dynamic numbers: as longs where both are
// whole, as reals otherwise.
func dynamicArith(op string, a, b Dyn) (Dyn, bool) {
	x, okx := table.ParseLong(string(a))
	y, oky := table.ParseLong(string(b))
	whole := okx && oky && isWhole(string(a)) && isWhole(string(b))
	if whole {
		switch op {
		case "+":
			return Dyn(JSON(table.Long, x+y)), true
		case "-":
			return Dyn(JSON(table.Long, x-y)), true
		case "*":
			return Dyn(JSON(table.Long, x*y)), true
		case "/":
			v, ok := divideLongs(x, y)
			return Dyn(JSON(table.Long, v)), ok
		case "%":
			v, ok := modulo(x, y)
			return Dyn(JSON(table.Long, v)), ok
		}
	}
	f, okf := table.ParseReal(string(a))
	g, okg := table.ParseReal(string(b))
	if !okf || !okg {
		return "", false
	}
	switch op {
	case "+":
		f += g
	case "-":
		f -= g
	case "*":
		f *= g
	case "/":
		f /= g
	case "%":
		f = math.Mod(f, g)
	}
	return Dyn(realJSON(f)), true
}

func isWhole(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c != '-' || i > 0) {
			return false
		}
	}
	return s != ""
}

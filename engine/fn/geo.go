package fn

import (
	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

const geoFamily = "geo"

// onShape lifts a body over a shape.
func onShape[T any, R Value](parse func(string) (T, bool), f func(T) (R, bool)) Overload {
	return perBatch(func() Overload {
		s := newKnown(parse)
		return Try1(func(text Dyn) (r R, ok bool) {
			shape, ok := s.get(text)
			if !ok {
				return r, false
			}
			return f(shape)
		})
	})
}

// onShapeWith lifts a body over a shape and a number or the like.
func onShapeWith[T any, A, R Value](parse func(string) (T, bool), f func(T, A) (R, bool)) Overload {
	return perBatch(func() Overload {
		s := newKnown(parse)
		return Try2(func(text Dyn, a A) (r R, ok bool) {
			shape, ok := s.get(text)
			if !ok {
				return r, false
			}
			return f(shape, a)
		})
	})
}

// onShapeWith2 lifts a body over a shape and two values more.
func onShapeWith2[T any, A, B, R Value](parse func(string) (T, bool), f func(T, A, B) (R, bool)) Overload {
	return perBatch(func() Overload {
		s := newKnown(parse)
		return Try3(func(text Dyn, a A, b B) (r R, ok bool) {
			shape, ok := s.get(text)
			if !ok {
				return r, false
			}
			return f(shape, a, b)
		})
	})
}

// pointToShape lifts a body over longitude, latitude and a shape.
func pointToShape[T any, R Value](parse func(string) (T, bool), f func(T, float64, float64) (R, bool)) Overload {
	return perBatch(func() Overload {
		s := newKnown(parse)
		return Try3(func(lng, lat float64, text Dyn) (r R, ok bool) {
			shape, ok := s.get(text)
			if !ok {
				return r, false
			}
			return f(shape, lng, lat)
		})
	})
}

// twoShapes lifts a body over two shapes.
func twoShapes[S, T any, R Value](parse1 func(string) (S, bool), parse2 func(string) (T, bool), f func(S, T) R) Overload {
	return perBatch(func() Overload {
		s, t := newKnown(parse1), newKnown(parse2)
		return Try2(func(a, b Dyn) (r R, ok bool) {
			shape1, ok1 := s.get(a)
			shape2, ok2 := t.get(b)
			if !ok1 || !ok2 {
				return r, false
			}
			return f(shape1, shape2), true
		})
	})
}

// onArray lifts a body over the elements of an array.
func onArray(f func(elements []string) (string, bool)) Overload {
	return Try1(func(a Dyn) (Dyn, bool) {
		if !isArray(string(a)) {
			return "", false
		}
		return asDyn(f(elements(string(a))))
	})
}

// ofReals lifts a body over so many reals.
func ofReals[R Value](n int, f func(v []float64) (R, bool)) Overload {
	params := make([]Param, n)
	for i := range params {
		params[i] = P(table.Real)
	}
	k := func(args *Args) vec.Column {
		columns := make([]column[float64], n)
		for i := range columns {
			columns[i] = read[float64](args.Cols[i])
		}
		r := newResults[R](args)
		v := make([]float64, n)
		for i := range r.out {
			ok := true
			for k := range columns {
				ok = ok && columns[k].isValid(i)
				v[k] = columns[k].at(i)
			}
			if ok {
				r.out[i], ok = f(v)
			}
			if !ok {
				r.null(i)
			}
		}
		return r.column()
	}
	return Overload{Params: params, Result: typeOf[R](), Kernel: k}
}

func asDyn(s string, ok bool) (Dyn, bool) { return Dyn(s), ok }

// tokens makes an array of cells.
func tokens(cells []string, ok bool) (Dyn, bool) {
	if !ok {
		return "", false
	}
	return Dyn(appendTokens(nil, cells)), true
}

func appendTokens(b []byte, cells []string) []byte {
	b = append(b, '[')
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, c)
	}
	return append(b, ']')
}

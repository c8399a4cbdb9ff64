package fn

import (
	"math"
	"math/bits"
	"math/cmplx"
	"strconv"

	"tidemark/table"
)

func init() {
	params := []Param{P(table.Dynamic), P(table.Dynamic)}
	register(Scalar{
		Name: "series_fft", Family: "series",
		Doc:       "Takes a series, of which the imaginary parts may be given, to the frequency domain by the Fourier transform; returns real and imaginary parts, as columns.",
		Examples:  []Example{{`print series_fft(dynamic([1, 1, 1, 1]))`, `[4.0,0.0,0.0,0.0]`}},
		Overloads: []Overload{optional(Rows(params, false, table.Dynamic, func(_ []table.Type, row []any) any { return fourier(row, false) }), 1)},
	})
	register(Scalar{
		Name: "series_ifft", Family: "series",
		Doc:       "Takes a series, of which the imaginary parts may be given, back from the frequency domain; returns real and imaginary parts, as columns.",
		Examples:  []Example{{`print series_ifft(dynamic([4, 0, 0, 0]))`, `[1.0,1.0,1.0,1.0]`}},
		Overloads: []Overload{optional(Rows(params, false, table.Dynamic, func(_ []table.Type, row []any) any { return fourier(row, true) }), 1)},
	})
}

// fourier is null where a part holds anything but numbers or the parts differ
// in length.
func fourier(row []any, inverse bool) any {
	re, ok := realSeries(textAt(row, 0))
	if !ok || len(re) == 0 {
		return nil
	}
	x := make([]complex128, len(re))
	for i, v := range re {
		x[i] = complex(v, 0)
	}
	if len(row) > 1 && row[1] != nil {
		im, ok := realSeries(textAt(row, 1))
		if !ok || len(im) != len(re) {
			return nil
		}
		for i, v := range im {
			x[i] = complex(re[i], v)
		}
	}
	if inverse { // the transform of the conjugate is the conjugate of the inverse
		conjugate(x)
	}
	x = transform(x)
	if inverse {
		conjugate(x)
		for i := range x {
			x[i] /= complex(float64(len(x)), 0)
		}
	}
	outRe, outIm := make([]float64, len(x)), make([]float64, len(x))
	for i, v := range x {
		outRe[i], outIm[i] = real(v)+0, imag(v)+0 // no -0
	}
	return tupleOf(realArray(outRe), realArray(outIm))
}

func conjugate(x []complex128) {
	for i, v := range x {
		x[i] = cmplx.Conj(v)
	}
}

// transform is the discrete Fourier transform for any length: where that is no
// power of two, by Bluestein's way of writing it as a convolution.
func transform(x []complex128) []complex128 {
	n := len(x)
	if n&(n-1) == 0 {
		return transform2(x)
	}
	m := 1 << bits.Len(uint(2*n-1))
	chirp := make([]complex128, n)
	a, b := make([]complex128, m), make([]complex128, m)
	for k := range n {
		// k² modulo 2n keeps the angle small and so exact.
		chirp[k] = cmplx.Rect(1, -math.Pi*float64(k*k%(2*n))/float64(n))
		a[k] = x[k] * chirp[k]
		b[k] = cmplx.Conj(chirp[k])
		if k > 0 {
			b[m-k] = b[k]
		}
	}
	a, b = transform2(a), transform2(b)
	for i := range a {
		a[i] = cmplx.Conj(a[i] * b[i])
	}
	a = transform2(a)
	out := make([]complex128, n)
	for k := range out {
		out[k] = cmplx.Conj(a[k]) / complex(float64(m), 0) * chirp[k]
	}
	return out
}

// transform2 is the transform for lengths that are powers of two.
func transform2(x []complex128) []complex128 {
	n := len(x)
	out := make([]complex128, n)
	shift := 64 - (bits.Len(uint(n)) - 1)
	for i, v := range x {
		if n > 1 {
			out[bits.Reverse64(uint64(i))>>shift] = v
		} else {
			out[0] = v
		}
	}
	for size := 2; size <= n; size *= 2 {
		for k := range size / 2 {
			w := cmplx.Rect(1, -2*math.Pi*float64(k)/float64(size))
			for i := k; i < n; i += size {
				t := w * out[i+size/2]
				out[i], out[i+size/2] = out[i]+t, out[i]-t
			}
		}
	}
	return out
}

// realArray writes reals as an array; NaN stands for a value that is missing.
func realArray(v []float64) string {
	out := append(make([]byte, 0, 8*len(v)+2), '[')
	for _, f := range v {
		if math.IsNaN(f) {
			out = append(out, "null,"...)
			continue
		}
		out = append(appendRealJSON(out, f), ',')
	}
	return string(closed(out))
}

// pointsOf writes reals as an array, what is no number as text.
func pointsOf(v []float64) string {
	out := append(make([]byte, 0, 8*len(v)+2), '[')
	for _, f := range v {
		out = append(appendRealJSON(out, f), ',')
	}
	return string(closed(out))
}

// tupleOf is the value of a function that gives several columns: reals,
// integers and JSON texts.
func tupleOf(columns ...any) string {
	out := append(make([]byte, 0, 16*len(columns)+2), '[')
	for _, c := range columns {
		switch c := c.(type) {
		case float64:
			out = appendRealJSON(out, c)
		case int:
			out = strconv.AppendInt(out, int64(c), 10)
		case string:
			out = append(out, c...)
		default:
			panic("BUG: no column of a tuple")
		}
		out = append(out, ',')
	}
	return string(closed(out))
}

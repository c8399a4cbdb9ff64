package sketch

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"tidemark/table"
)

// Digest is a t-digest: means of neighbouring values with how many values each
// stands for, in ascending order. Up to Centroids distinct values it is exact.
// Beyond, a mean in the middle stands for less than 0.2 percent of the values
// and fewer towards the ends, so that a percentile is off by at most 0.1
// percent of the rank. See https://arxiv.org/abs/1902.04023
type Digest struct{ Means, Weights []float64 }

// Centroids is how many means a digest keeps.
const Centroids = 2000

// Merge takes in means, ascending, with their weights.
func (d *Digest) Merge(means, weights []float64) {
	m := make([]float64, 0, len(d.Means)+len(means))
	w := make([]float64, 0, cap(m))
	i, j := 0, 0
	for i < len(d.Means) || j < len(means) {
		var mean, weight float64
		if j == len(means) || i < len(d.Means) && d.Means[i] <= means[j] {
			mean, weight = d.Means[i], d.Weights[i]
			i++
		} else {
			mean, weight = means[j], weights[j]
			j++
		}
		if n := len(m); n > 0 && m[n-1] == mean {
			w[n-1] += weight
			continue
		}
		m, w = append(m, mean), append(w, weight)
	}
	d.Means, d.Weights = m, w
	if len(m) > Centroids {
		d.compress()
	}
}

// compress joins neighbours as far as the scale function allows.
func (d *Digest) compress() {
	total := d.Total()
	limit := func(q float64) float64 { // where a mean that begins at q must end
		k := math.Asin(2*q-1) + 2*math.Pi/Centroids
		if k >= math.Pi/2 {
			return 1
		}
		return (math.Sin(k) + 1) / 2
	}
	var m, w []float64
	mean, weight, before, end := d.Means[0], d.Weights[0], 0.0, limit(0)
	for i := 1; i < len(d.Means); i++ {
		x, n := d.Means[i], d.Weights[i]
		if (before+weight+n)/total <= end && !math.IsInf(mean, 0) && !math.IsInf(x, 0) {
			weight += n
			mean += (x - mean) * n / weight
			continue
		}
		m, w = append(m, mean), append(w, weight)
		before += weight
		end = limit(before / total)
		mean, weight = x, n
	}
	d.Means, d.Weights = append(m, mean), append(w, weight)
}

// Total is the number of values.
func (d *Digest) Total() float64 {
	total := 0.0
	for _, w := range d.Weights {
		total += w
	}
	return total
}

// Percentile is the mean that the value of the nearest rank went into.
func (d *Digest) Percentile(p float64) (float64, bool) {
	if len(d.Means) == 0 {
		return 0, false
	}
	rank := Rank(p, d.Total())
	for i, w := range d.Weights {
		if rank -= w; rank <= 0 {
			return d.Means[i], true
		}
	}
	return d.Means[len(d.Means)-1], true
}

// Ranks is a digest to ask many times: it knows how many values there are up to
// each mean.
type Ranks struct{ means, upTo []float64 }

// ParseRanks reads a digest as ParseDigest does.
func ParseRanks(text string) (r Ranks, ok bool) {
	d, ok := ParseDigest(text)
	total := 0.0
	for i, w := range d.Weights {
		total += w
		d.Weights[i] = total
	}
	return Ranks{d.Means, d.Weights}, ok
}

// Total is the number of values.
func (r Ranks) Total() float64 { return r.upTo[len(r.upTo)-1] }

// Percentile is that of the digest.
func (r Ranks) Percentile(p float64) float64 {
	i := sort.SearchFloat64s(r.upTo, Rank(p, r.Total()))
	return r.means[min(i, len(r.means)-1)]
}

// Of is how many values are not above v.
func (r Ranks) Of(v float64) float64 {
	i := sort.Search(len(r.means), func(i int) bool { return r.means[i] > v })
	if i == 0 {
		return 0
	}
	return r.upTo[i-1]
}

// Rank is which of n values in ascending order, counted from 1, is the p-th
// percentile by the nearest-rank rule; the 0th is the first. What is added by
// rounding is taken off again: 99.9 percent of 1,000 are 999.
func Rank(p, n float64) float64 {
	return min(max(math.Ceil(p*n/100-1e-9), 1), n)
}

// JSON writes the digest as the dynamic value that tdigest() gives:
// [[7],[means],[weights]].
func (d *Digest) JSON() string {
	b := []byte("[[7],")
	b = appendReals(b, d.Means)
	b = append(b, ',')
	b = appendReals(b, d.Weights)
	return string(append(b, ']'))
}

func appendReals(b []byte, v []float64) []byte {
	b = append(b, '[')
	for i, f := range v {
		if i > 0 {
			b = append(b, ',')
		}
		if math.IsInf(f, 0) { // JSON has no infinity
			b = strconv.AppendQuote(b, table.FormatReal(f))
			continue
		}
		b = table.AppendReal(b, f)
	}
	return append(b, ']')
}

// ParseDigest reads what JSON wrote, and whether it is such.
func ParseDigest(text string) (d Digest, ok bool) {
	r := reader{rest: text, ok: true}
	r.take("[[7],[")
	room := strings.Count(text, ",")/2 + 1
	means := r.numbers(make([]float64, 0, room))
	r.take(",[")
	weights := r.numbers(make([]float64, 0, room))
	r.take("]")
	if !r.done() || len(means) != len(weights) || len(means) == 0 || slices.Min(weights) <= 0 {
		return Digest{}, false
	}
	d = Digest{means, weights}
	d.Sort() // Kusto's own are in no order
	return d, true
}

// Sort puts the means into their order.
func (d *Digest) Sort() {
	if slices.IsSorted(d.Means) {
		return
	}
	type mean struct{ at, weight float64 }
	all := make([]mean, len(d.Means))
	for i, m := range d.Means {
		all[i] = mean{m, d.Weights[i]}
	}
	slices.SortFunc(all, func(a, b mean) int { return cmp.Compare(a.at, b.at) })
	for i, m := range all {
		d.Means[i], d.Weights[i] = m.at, m.weight
	}
}

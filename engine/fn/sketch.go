package fn

import (
	"math"
	"strconv"

	"tidemark/engine/agg/sketch"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "dcount_hll", Family: "sketches", Naming: ByName,
		Doc:       "Returns the number of distinct values that a result of hll() or hll_merge() has counted.",
		Examples:  []Example{{`range x from 1 to 10 step 1 | summarize h = hll(x % 3) | project dcount_hll(h)`, `3`}},
		Overloads: []Overload{onShape(countHLL, func(n int64) (int64, bool) { return n, true })},
	})
	register(Scalar{
		Name: "hll_merge", Family: "sketches", Naming: ByPrefix, Prefix: "hll_merged_result",
		Doc:       "Merges results of hll() of the same row into one.",
		Examples:  []Example{{`range x from 1 to 10 step 1 | summarize a = hll(x), b = hll(x + 5) | project dcount_hll(hll_merge(a, b))`, `15`}},
		Overloads: []Overload{perBatch(mergeHLLs)},
	})
	register(Scalar{
		Name: "tdigest_merge", Aliases: []string{"merge_tdigest"}, Family: "sketches", Naming: ByPrefix, Prefix: "tdigests_merge_result",
		Page:      "merge-tdigest-function",
		Doc:       "Merges results of tdigest() of the same row into one.",
		Examples:  []Example{{`range x from 1 to 2 step 1 | summarize a = tdigest(x), b = tdigest(x + 5) | project tdigest_merge(a, b)`, `[[7],[1,2,6,7],[1,1,1,1]]`}},
		Overloads: []Overload{perBatch(mergeDigests)},
	})
	register(Scalar{
		Name: "percentile_tdigest", Family: "sketches", Naming: ByName,
		Usage:    []string{"percentile_tdigest(dynamic, real): dynamic", "percentile_tdigest(dynamic, real, typeof(type)): type"},
		Doc:      "Returns a percentile of the values that a result of tdigest() stands for, as a dynamic or as the type given.",
		Examples: []Example{{`range x from 1 to 100 step 1 | summarize d = tdigest(x) | project percentile_tdigest(d, 95, typeof(long))`, `95`}},
		Resolve:  resolvePercentile,
	})
	register(Scalar{
		Name: "percentiles_array_tdigest", Family: "sketches", Naming: ByName, Prefix: "percentile_tdigest", Page: "percentile-array-tdigest-function",
		Usage:    []string{"percentiles_array_tdigest(dynamic, real, …): dynamic", "percentiles_array_tdigest(dynamic, dynamic, [typeof(type)]): dynamic"},
		Doc:      "Returns percentiles of the values that a result of tdigest() stands for, as an array.",
		Examples: []Example{{`range x from 1 to 100 step 1 | summarize d = tdigest(x) | project percentiles_array_tdigest(d, 5, 50, 95)`, `[5,50,95]`}},
		Resolve:  resolvePercentiles,
	})
	register(Scalar{
		Name: "rank_tdigest", Family: "sketches",
		Doc:       "Returns how many of the values that a result of tdigest() stands for are not above a value.",
		Examples:  []Example{{`range x from 1 to 1000 step 1 | summarize d = tdigest(x) | project rank_tdigest(d, 685)`, `685`}},
		Overloads: []Overload{rankIn(func(rank, _ float64) float64 { return rank })},
	})
	register(Scalar{
		Name: "percentrank_tdigest", Family: "sketches",
		Doc:       "Returns how many percent of the values that a result of tdigest() stands for are not above a value.",
		Examples:  []Example{{`range x from 1 to 1000 step 1 | summarize d = tdigest(x) | project percentrank_tdigest(d, 685)`, `68.5`}},
		Overloads: []Overload{rankIn(func(rank, total float64) float64 { return 100 * rank / total })},
	})
}

func textAt(row []any, i int) string {
	s, _ := row[i].(string)
	return s
}

// Sketches are read once where they come again within a batch, as shapes are:
// most often a few are asked for many things.

func countHLL(text string) (int64, bool) {
	h, ok := sketch.ParseHLL(text)
	if !ok {
		return 0, false
	}
	return h.Count(), true
}

// mergeHLLs passes over what is no state, as the aggregation does.
func mergeHLLs() Overload {
	few := byArgument[sketch.HLL]{parse: sketch.ParseHLL}
	var out []byte
	return Rows([]Param{P(table.Dynamic), P(table.Dynamic)}, true, table.Dynamic, func(_ []table.Type, row []any) any {
		var all *sketch.HLL
		for i := range row {
			h, ok := few.get(i, Dyn(textAt(row, i)))
			switch {
			case !ok:
			case all == nil:
				c := h.Clone()
				all = &c
			default:
				all.Merge(&h)
			}
		}
		if all == nil {
			return nil
		}
		out = all.AppendJSON(out[:0])
		return string(out)
	})
}

func mergeDigests() Overload {
	few := byArgument[sketch.Digest]{parse: sketch.ParseDigest}
	return Rows([]Param{P(table.Dynamic), P(table.Dynamic)}, true, table.Dynamic, func(_ []table.Type, row []any) any {
		var all sketch.Digest
		for i := range row {
			if d, ok := few.get(i, Dyn(textAt(row, i))); ok {
				all.Merge(d.Means, d.Weights)
			}
		}
		if len(all.Means) == 0 {
			return nil
		}
		return all.JSON()
	})
}

// rankIn counts what lies at or below a value, a number or a time.
func rankIn(f func(rank, total float64) float64) Overload {
	return perBatch(func() Overload {
		few := newFew(sketch.ParseRanks)
		return Rows([]Param{P(table.Dynamic), Any}, false, table.Real, func(types []table.Type, row []any) any {
			d, ok := few.get(Dyn(textAt(row, 0)))
			if !ok {
				return nil
			}
			var v float64
			switch x := row[1].(type) {
			case int64:
				v = float64(x)
			case float64:
				v = x
			default:
				if v, ok = number(TextOf(types[1], x)); !ok {
					return nil
				}
			}
			return f(d.Of(v), d.Total())
		})
	})
}

// percentileType is the type that a last argument typeof(…) asks for.
func percentileType(args []Arg) (t table.Type, given bool, err error) {
	last := len(args) - 1
	if last < 2 || args[last].Typeof == table.Unknown {
		return table.Dynamic, false, nil
	}
	t = args[last].Typeof
	if !t.IsNumeric() && t != table.Datetime && t != table.Timespan {
		return t, true, &MismatchError{Arg: last, Msg: "a percentile is no " + t.String(), Hint: "such as typeof(long), typeof(real) or typeof(datetime)"}
	}
	return t, true, nil
}

func resolvePercentile(args []Arg) (Overload, error) {
	t, given, err := percentileType(args)
	if err != nil {
		return Overload{}, err
	}
	params := []Param{P(table.Dynamic), P(table.Real)}
	if given {
		params = append(params, P(table.String))
	}
	return perBatch(func() Overload {
		few := newFew(sketch.ParseRanks)
		return Rows(params, false, t, func(_ []table.Type, row []any) any {
			p, ok := row[1].(float64)
			d, valid := few.get(Dyn(textAt(row, 0)))
			if !ok || !valid {
				return nil
			}
			return percentileAs(t, d, p)
		})
	}), nil
}

// percentileAs is a percentile as a value of type t; as a dynamic it is a
// number, whatever the digest was made of.
func percentileAs(t table.Type, d sketch.Ranks, p float64) any {
	if math.IsNaN(p) {
		return nil
	}
	v := d.Percentile(p)
	switch {
	case t == table.Dynamic:
		return realOrWhole(v)
	case t == table.Decimal:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case t == table.Real:
		return v
	}
	return int64(math.Round(v))
}

// realOrWhole writes a number that may have been a whole one.
func realOrWhole(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return strconv.FormatInt(int64(v), 10)
	}
	return realNum(v).String()
}

// resolvePercentiles takes percentiles one by one or as an array.
func resolvePercentiles(args []Arg) (Overload, error) {
	t, given, err := percentileType(args)
	if err != nil {
		return Overload{}, err
	}
	n := len(args)
	if given {
		n--
	}
	params := []Param{P(table.Dynamic)}
	for i := 1; i < max(n, 2); i++ {
		p := P(table.Real)
		if i < n && args[i].Type == table.Dynamic {
			p = P(table.Dynamic)
		}
		params = append(params, p)
	}
	if given {
		params = append(params, P(table.String))
	}
	single := given && n == 2 && args[1].Type != table.Dynamic
	result := table.Dynamic
	if single {
		result = t
	}
	return perBatch(func() Overload {
		few := newFew(sketch.ParseRanks)
		return Rows(params, false, result, func(_ []table.Type, row []any) any {
			d, ok := few.get(Dyn(textAt(row, 0)))
			if !ok {
				return nil
			}
			ps := percentilesOf(row[1:n])
			if single && len(ps) == 1 {
				return percentileAs(t, d, ps[0])
			}
			out := append(make([]byte, 0, 16*len(ps)+2), '[')
			for _, p := range ps {
				out = append(appendJSON(out, t, percentileAs(t, d, p)), ',')
			}
			return string(closed(out))
		})
	}), nil
}

func percentilesOf(row []any) []float64 {
	var out []float64
	for _, v := range row {
		switch v := v.(type) {
		case float64:
			out = append(out, v)
		case string:
			eachElement(v, func(e string) bool {
				p, ok := number(e)
				if !ok {
					p = math.NaN()
				}
				out = append(out, p)
				return true
			})
		}
	}
	return out
}

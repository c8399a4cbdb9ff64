package storage

import "slices"

// joinRuns returns runs sorted by sequence number, neighbours joined where
// only the numbers matter.
func joinRuns(runs []run) []run {
	runs = slices.Clone(runs)
	slices.SortFunc(runs, func(a, b run) int { return cmpRuns([]run{a}, []run{b}) })
	out := runs[:0]
	for _, r := range runs {
		if n := len(out); n > 0 && out[n-1].seq+uint64(out[n-1].rows) == r.seq {
			out[n-1].rows += r.rows
			continue
		}
		out = append(out, r)
	}
	return out
}

// ingestTimes returns the ingestion times of rows [a,b).
func ingestTimes(runs []run, a, b int) []int64 {
	out := make([]int64, 0, b-a)
	at := 0
	for _, r := range runs {
		lo, hi := max(a, at), min(b, at+r.rows)
		for i := lo; i < hi; i++ {
			out = append(out, r.ingest)
		}
		if at += r.rows; at >= b {
			break
		}
	}
	return out
}

// ingestSpan is the range of ingestion times.
func ingestSpan(runs []run) span {
	s := span{empty: true}
	for _, r := range runs {
		s = s.union(span{lo: r.ingest, hi: r.ingest})
	}
	return s
}

// Package near finds the name that a misspelt one was meant to be.
package near

import "strings"

// Closest returns the candidate that name was most likely meant to be, or ""
// when none is near enough to suggest.
func Closest(name string, candidates []string) string {
	best, limit := "", 1+len(name)/3
	lower := strings.ToLower(name)
	for _, c := range candidates {
		if d := distance(lower, strings.ToLower(c), limit); d <= limit && c != name {
			best, limit = c, d-1
		}
	}
	if best == "" && len(name) > 3 { // PreviousValue for PreviousValueData
		for _, c := range candidates {
			if strings.HasPrefix(strings.ToLower(c), lower) && (best == "" || len(c) < len(best)) {
				best = c
			}
		}
	}
	return best
}

// distance is the Levenshtein distance between a and b, or something above
// limit once it is certain to exceed it.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// Package queries holds example questions to the example data: first the
// seven with which Microsoft introduces file integrity monitoring, then the
// ones that find out what happened.
package queries

import (
	"embed"
	"strings"
)

//go:embed *.kql
var files embed.FS

// Query is a question: a sentence, and the KQL that asks it.
type Query struct {
	Name, Title, Text string
}

// All returns the queries in order.
func All() []Query {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("BUG: " + err.Error())
	}
	var out []Query
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			panic("BUG: " + err.Error())
		}
		title, text, _ := strings.Cut(string(data), "\n")
		out = append(out, Query{
			Name:  strings.TrimSuffix(e.Name(), ".kql"),
			Title: strings.TrimSpace(strings.TrimPrefix(title, "//")),
			Text:  strings.TrimSpace(text),
		})
	}
	return out
}

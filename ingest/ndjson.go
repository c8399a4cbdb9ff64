package ingest

import (
	"fmt"
	"strings"
)

var ndjsonFormat = Format{
	Name:    "ndjson",
	Doc:     "JSON objects whose members are named like the columns of a table, which must be named unless the member Type does.",
	Agents:  []string{"ndjson"},
	Example: `{"Time":"2026-03-11T07:00:12Z","Host":"web01","Message":"started"}`,
	Detect:  detectNDJSON,
	start: func(e *env, prefix []byte) (splitter, func() decoder, error) {
		fields, ok := firstRecord(prefix)
		w := &writer{env: e}
		if ok && e.options.Table == "" && !e.plans.has(routeOf(fields, w)) {
			return nil, nil, fmt.Errorf("the records do not tell which table they belong to: name one\n%s", strings.Join(reasons(prefix), "\n"))
		}
		return jsonSplitter(prefix, "ndjson"), func() decoder { return &rowDecoder{} }, nil
	},
}

func detectNDJSON(prefix []byte) (bool, string) {
	if _, ok := firstRecord(prefix); ok {
		return true, ""
	}
	return false, "no JSON object at the beginning"
}

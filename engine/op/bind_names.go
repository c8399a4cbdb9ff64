package op

import (
	"cmp"

	"tidemark/engine/fn"
	"tidemark/parser"
)

// resultName is the name of a column that an expression gives without being
// told one, or "" where it is named by its place (Column1).
func resultName(e parser.Expr) string {
	switch e := e.(type) {
	case *parser.Name:
		return e.Name
	case *parser.Path:
		if n := resultName(e.X); n != "" && n != "$left" && n != "$right" {
			return n + "_" + e.Member.Name
		}
		return e.Member.Name
	case *parser.Index:
		if k, ok := e.Index.(*parser.Literal); ok {
			if n := resultName(e.X); n != "" {
				return n + "_" + k.Text
			}
		}
	case *parser.Call:
		return callName(e)
	}
	return ""
}

func callName(c *parser.Call) string {
	switch c.Name.Name {
	case "ingestion_time":
		return IngestionColumn
	case "column_ifexists", "columnifexists":
		if len(c.Args) > 0 {
			if k, ok := c.Args[0].(*parser.Literal); ok {
				return k.Text
			}
		}
		return ""
	case "array_sort_asc", "array_sort_desc":
		if len(c.Args) > 0 {
			return cmp.Or(resultName(c.Args[0]), "array0") + "_sorted"
		}
		return ""
	}
	s, ok := fn.Describe(c.Name.Name)
	if !ok || len(c.Args) == 0 {
		return ""
	}
	switch s.Naming {
	case fn.ByFirst:
		return resultName(c.Args[0])
	case fn.ByOnly:
		if len(c.Args) == 1 {
			return resultName(c.Args[0])
		}
	case fn.ByName:
		return cmp.Or(s.Prefix, c.Name.Name) + "_" + resultName(c.Args[0])
	case fn.ByPrefix:
		return s.Prefix
	}
	return ""
}

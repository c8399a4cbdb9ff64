package alert

import (
	"tidemark"
	"tidemark/parser"
	"tidemark/table"
)

type checker struct{ db *tidemark.DB }

func (c checker) check(query string) (parser.Errors, []table.Column, error) {
	if tidemark.Writes(query) {
		return parser.Errors{{Code: "TM102", Msg: "a rule asks a question; this command changes the database"}}, nil, nil
	}
	found, err := c.db.Check(query, false)
	if err != nil {
		return nil, nil, err
	}
	return found.Diagnostics, found.Columns, nil
}

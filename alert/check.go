package alert

import (
	"tidemark"
	"tidemark/parser"
	"tidemark/rule"
	"tidemark/table"
)

// Check says what is wrong with the query of a rule: see rule.Check.
func Check(db *tidemark.DB) rule.Check {
	return CheckWith(func(query string) (*tidemark.Checked, error) { return db.Check(query, false) })
}

// CheckWith is Check where somebody else has the database open, whom check
// asks.
func CheckWith(check func(query string) (*tidemark.Checked, error)) rule.Check {
	return func(query string) (parser.Errors, []table.Column, error) {
		if tidemark.Writes(query) {
			return parser.Errors{{Code: "TM102", Msg: "a rule asks a question; this command changes the database"}}, nil, nil
		}
		found, err := check(query)
		if err != nil {
			return nil, nil, err
		}
		return found.Diagnostics, found.Columns, nil
	}
}

package service

import (
	"encoding/json"
	"unicode/utf8"
)

// raw is a string of any bytes. JSON's strings are UTF-8, and both queries and
// names of columns, which pivot makes of what agents report, may have others.
type raw string

// MarshalJSON gives a string, or where that cannot be an array with the bytes.
func (r raw) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(r)) {
		return json.Marshal(string(r))
	}
	return json.Marshal([][]byte{[]byte(r)})
}

// UnmarshalJSON reads either.
func (r *raw) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		return json.Unmarshal(b, (*string)(r))
	}
	var bytes [1][]byte
	err := json.Unmarshal(b, &bytes)
	*r = raw(bytes[0])
	return err
}

// question is a Question on its way to the service.
type question struct {
	Text       raw            `json:"text"`
	Params     map[string]raw `json:"params,omitempty"`
	Enough     int64          `json:"enough,omitempty"`
	SyntaxOnly bool           `json:"syntaxOnly,omitempty"` // of /check
}

func toQuestion(q Question) question {
	out := question{Text: raw(q.Text), Enough: q.Enough, Params: map[string]raw{}}
	for name, value := range q.Params {
		out.Params[name] = raw(value)
	}
	return out
}

func (q question) asked() Question {
	out := Question{Text: string(q.Text), Enough: q.Enough, Params: map[string]string{}}
	for name, value := range q.Params {
		out.Params[name] = string(value)
	}
	return out
}

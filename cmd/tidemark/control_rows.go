package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"tidemark/output"
	"tidemark/table"
)

// copyJSON writes tables that come as the format json.
func copyJSON(ctx context.Context, body []byte, w output.Writer) error {
	var in struct {
		Tables []struct {
			Name    string
			Columns []struct{ Name, Type string }
			Rows    [][]json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return fmt.Errorf("the answer of the service: %w", err)
	}
	for _, t := range in.Tables {
		var cols []table.Column
		for _, c := range t.Columns {
			typ, ok := table.TypeNamed(c.Type)
			if !ok {
				return fmt.Errorf("the answer of the service has a column of type %q", c.Type)
			}
			cols = append(cols, table.Column{Name: c.Name, Type: typ})
		}
		var rows [][]any
		for _, r := range t.Rows {
			row := make([]any, len(cols))
			for i, raw := range r {
				var err error
				if row[i], err = fromJSON(raw, cols[i].Type); err != nil {
					return fmt.Errorf("the answer of the service, column %s: %w", cols[i].Name, err)
				}
			}
			rows = append(rows, row)
		}
		if _, err := output.Copy(ctx, w, output.Rows(t.Name, cols, rows)); err != nil {
			return err
		}
	}
	return w.Close()
}

// fromJSON reads a value as the format json writes it.
func fromJSON(raw json.RawMessage, t table.Type) (any, error) {
	if bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	if t == table.Dynamic {
		return string(raw), nil
	}
	text := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, err
		}
	}
	var v any = text
	ok := true
	switch t {
	case table.Bool:
		v, ok = table.ParseBool(text)
	case table.Int, table.Long:
		v, ok = table.ParseLong(text)
	case table.Real:
		v, ok = table.ParseReal(text)
	case table.Datetime:
		v, ok = table.ParseTime(text)
	case table.Timespan:
		v, ok = table.ParseDuration(text)
	}
	if !ok {
		return nil, fmt.Errorf("%q is no %s", text, t)
	}
	return v, nil
}

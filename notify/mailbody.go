package notify

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"time"

	"tidemark/rule"
)

// facts are what a mail says of an event, in order.
func facts(e *rule.Event, base string) []rule.Pair {
	var out []rule.Pair
	add := func(name, value string) {
		if value != "" {
			out = append(out, rule.Pair{Name: name, Value: line(cut(value, 2000))})
		}
	}
	add("State", string(e.Condition))
	add("Severity", e.Severity.String()+" ("+e.Severity.Name()+")")
	add("Fired", e.Fired.UTC().Format(time.RFC3339))
	if e.Condition == rule.Resolved {
		add("Resolved", e.Resolved.UTC().Format(time.RFC3339)+" ("+e.Reason+")")
	}
	add("Computer", e.Computer)
	for _, d := range e.Dimensions {
		if d.Name != "Computer" {
			add(d.Name, d.Value)
		}
	}
	add("Rule", e.RuleName)
	add("Condition", fmt.Sprintf("%s, the value is %v", e.Measure.String(), e.Value))
	window := "rows before " + e.Tick.Now.UTC().Format(time.RFC3339)
	if !e.Tick.From.IsZero() {
		window = e.Tick.From.UTC().Format(time.RFC3339) + " to " + e.Tick.Now.UTC().Format(time.RFC3339)
	}
	add("Window", window)
	if e.Late {
		add("Late", "rows came after the window had been looked at")
	}
	for _, d := range e.CustomDetails {
		add(d.Name, d.Value)
	}
	add("Tactics", strings.Join(e.Tactics, ", "))
	add("Techniques", strings.Join(e.Techniques, ", "))
	add("Alert", e.AlertID)
	if base != "" {
		ui, _ := Links(e, base)
		add("Run again", ui)
	}
	return out
}

// plain is the mail as text.
func (s *smtp) plain(events []*rule.Event) string {
	var b strings.Builder
	for i, e := range events {
		if i > 0 {
			b.WriteString("\n" + strings.Repeat("-", 72) + "\n\n")
		}
		b.WriteString(line(e.Title) + "\n\n")
		if e.Description != "" && e.Description != e.Title {
			b.WriteString(lines(e.Description) + "\n\n")
		}
		for _, f := range facts(e, s.env.BaseURL) {
			fmt.Fprintf(&b, "%-10s  %s\n", f.Name, f.Value)
		}
		fmt.Fprintf(&b, "\nQuery:\n\n%s\n", indent(lines(e.Query)))
		if n := min(s.rows, len(e.Rows)); n > 0 {
			fmt.Fprintf(&b, "\nRows (%d of %d):\n", n, e.RowCount)
			for _, row := range e.Rows[:n] {
				b.WriteByte('\n')
				for c, v := range row {
					if t := cellText(v); t != "" {
						fmt.Fprintf(&b, "    %s: %s\n", line(e.Columns[c]), line(cut(t, 500)))
					}
				}
			}
		}
	}
	return b.String()
}

// html is the mail as HTML. All that comes from rows is escaped; there is no
// link but our own and nothing is loaded.
func (s *smtp) html(events []*rule.Event) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html><body style="font-family:sans-serif;font-size:14px">`)
	for _, e := range events {
		fmt.Fprintf(&b, "<h2>%s</h2>", html.EscapeString(line(e.Title)))
		if e.Description != "" && e.Description != e.Title {
			fmt.Fprintf(&b, "<p>%s</p>", strings.ReplaceAll(html.EscapeString(lines(e.Description)), "\n", "<br>"))
		}
		b.WriteString(`<table cellpadding="3">`)
		for _, f := range facts(e, s.env.BaseURL) {
			value := html.EscapeString(f.Value)
			if f.Name == "Run again" {
				value = `<a href="` + value + `">query and window</a>`
			}
			fmt.Fprintf(&b, "<tr><td><b>%s</b></td><td>%s</td></tr>", html.EscapeString(f.Name), value)
		}
		fmt.Fprintf(&b, "</table><pre>%s</pre>", html.EscapeString(lines(e.Query)))
		s.htmlRows(&b, e)
	}
	b.WriteString("</body></html>")
	return b.String()
}

func (s *smtp) htmlRows(b *strings.Builder, e *rule.Event) {
	n := min(s.rows, len(e.Rows))
	if n == 0 {
		return
	}
	used := make([]bool, len(e.Columns)) // empty columns are not worth their width
	for _, row := range e.Rows[:n] {
		for c, v := range row {
			used[c] = used[c] || cellText(v) != ""
		}
	}
	fmt.Fprintf(b, `<p>Rows (%d of %d):</p><table border="1" cellspacing="0" cellpadding="3"><tr>`, n, e.RowCount)
	for c, name := range e.Columns {
		if used[c] {
			fmt.Fprintf(b, "<th>%s</th>", html.EscapeString(line(name)))
		}
	}
	b.WriteString("</tr>")
	for _, row := range e.Rows[:n] {
		b.WriteString("<tr>")
		for c, v := range row {
			if used[c] {
				fmt.Fprintf(b, "<td>%s</td>", html.EscapeString(line(cut(cellText(v), 500))))
			}
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
}

// cellText is a value of a row as a text.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// lines cleans a text line by line.
func lines(s string) string {
	parts := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, p := range parts {
		parts[i] = line(p)
	}
	return strings.TrimRight(strings.Join(parts, "\n"), "\n ")
}

func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") }

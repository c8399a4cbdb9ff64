package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"tidemark/alert"
	"tidemark/output"
)

// printAlert writes an alert for people. What rows hold is cleaned of control
// characters.
func printAlert(w io.Writer, a *alert.Alert) {
	fmt.Fprintf(w, "%s\n\n", output.Clean(a.Name))
	if a.Description != "" && a.Description != a.Name {
		fmt.Fprintf(w, "%s\n\n", output.CleanLines(strings.TrimSpace(a.Description)))
	}
	line := func(name, value string) {
		if value != "" && value != "{}" && value != "[]" && value != "null" {
			fmt.Fprintf(w, "%-13s %s\n", name, output.Clean(value))
		}
	}
	line("Alert", a.ID)
	line("State", a.State())
	line("Severity", a.Severity)
	line("Fired", timeText(a.Fired))
	line("Computer", a.Computer)
	line("Dimensions", string(a.Dimensions))
	line("Entities", string(a.Entities))
	line("Details", string(a.Details))
	line("Tactics", a.Tactics)
	line("Techniques", a.Techniques)
	line("Rule", strings.TrimSpace(a.RuleName+" "+a.RuleVersion))
	line("Rule id", a.RuleID)
	var c struct{ Text string }
	if json.Unmarshal(a.Criteria, &c) == nil && c.Text != "" {
		line("Criteria", fmt.Sprintf("%s; the value was %v", c.Text, a.Value))
	}
	line("now()", timeText(a.Tick))
	if !a.WindowStart.IsZero() {
		line("Window", timeText(a.WindowStart)+" to "+timeText(a.WindowEnd))
	}
	arrived := "by " + timeText(a.AsOf)
	if !a.ArrivedAfter.IsZero() {
		arrived = "after " + timeText(a.ArrivedAfter) + " and " + arrived
	}
	line("Arrived", arrived)
	if a.Late {
		line("Late", "rows came after the window had been looked at")
	}
	line("Run again", "tidemark alerts show --rerun "+a.ID)
	fmt.Fprintf(w, "\nQuery\n\n    %s\n", strings.ReplaceAll(output.CleanLines(strings.TrimSpace(a.Query)), "\n", "\n    "))
	printAlertRows(w, a)
	fmt.Fprintf(w, "\nHistory\n\n")
	for _, h := range a.History {
		text := timeText(h.At) + " " + h.Event
		for _, more := range []struct{ before, value string }{{" by ", h.User}, {", ", h.Disposition}, {", ", h.Reason}, {": ", h.Comment}} {
			if more.value != "" {
				text += more.before + more.value
			}
		}
		fmt.Fprintf(w, "    %s\n", output.Clean(text))
	}
}

func printAlertRows(w io.Writer, a *alert.Alert) {
	var rows []json.RawMessage
	if json.Unmarshal(a.Rows, &rows) != nil || len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\nRows (%d of %d)\n", len(rows), a.RowCount)
	for _, row := range rows {
		fmt.Fprintln(w)
		// Token by token, to keep the order of the columns.
		d := json.NewDecoder(bytes.NewReader(row))
		d.Token()
		for d.More() {
			key, err := d.Token()
			var value json.RawMessage
			if err != nil || d.Decode(&value) != nil {
				break
			}
			text := string(value)
			var s string
			if json.Unmarshal(value, &s) == nil {
				text = s
			}
			fmt.Fprintf(w, "    %s: %s\n", output.Clean(fmt.Sprint(key)), output.Clean(text))
		}
	}
}

func timeText(t time.Time) string { return t.UTC().Format(time.RFC3339) }

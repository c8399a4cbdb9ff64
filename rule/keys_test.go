package rule

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/internal/tree"
	"tidemark/parser"
)

// key is a key of Sentinel's analytics rules: a value that is right and one
// that is not ("" where any is taken, for the key means nothing here).
type key struct{ name, right, wrong string }

// sentinelKeys are the documented ones, written down from the reference of
// Microsoft.SecurityInsights/alertRules (Scheduled and NRT) and the template
// of Azure-Sentinel's contributors, not from our reader.
// See https://learn.microsoft.com/azure/templates/microsoft.securityinsights/alertrules
// and https://github.com/Azure/Azure-Sentinel/wiki/Query-Style-Guide
var sentinelKeys = []key{
	{"id", "7f1c0b1e-2d7f-4a57-9d0e-0c9f2a6f7a11", "[a]"},
	{"name", "x", "{a: b}"},
	{"displayName", "x", "[a]"},
	{"version", "1.0.2", "[1]"},
	{"description", "'what it means'", "[a]"},
	{"severity", "High", "Urgent"},
	{"enabled", "true", "often"},
	{"kind", "Scheduled", "Fusion"},
	{"status", "Available", ""},
	{"requiredDataConnectors", "[{connectorId: a, dataTypes: [b]}]", ""},
	{"queryFrequency", "5m", "often"},
	{"queryPeriod", "PT1H", "1y"},
	{"triggerOperator", "gt", "over"},
	{"triggerThreshold", "0", "many"},
	{"startTimeUtc", "2026-01-02T00:00:00Z", "soon"},
	{"tactics", "[Persistence]", "[[a]]"},
	{"relevantTechniques", "[T1543]", "[{a: b}]"},
	{"techniques", "[T1543]", "{a: b}"},
	{"subTechniques", "[T1543.001]", "{a: b}"},
	{"tags", "[a, {Schema: b}]", "[[[a]]]"},
	{"entityMappings", "[{entityType: Host, fieldMappings: [{identifier: HostName, columnName: Computer}]}]", "[{entityType: Host, fieldMappings: [{identifier: a}]}]"},
	{"sentinelEntitiesMappings", "[{columnName: Entities}]", "[{column: a}]"},
	{"customDetails", "{Kind: ConfigChangeType}", "[a]"},
	{"alertDetailsOverride", "{alertDisplayNameFormat: '{{Computer}}', alertDescriptionFormat: a, alertSeverityColumnName: b, alertTacticsColumnName: c, alertDynamicProperties: [{alertProperty: AlertLink, value: d}]}", "[a]"},
	{"eventGroupingSettings", "{aggregationKind: AlertPerResult}", "AlertPerResult"},
	{"suppressionEnabled", "false", "2"},
	{"suppressionDuration", "PT5H", "long"},
	{"incidentConfiguration", "{createIncident: true, groupingConfiguration: {enabled: true, reopenClosedIncident: true, lookbackDuration: 5h, matchingMethod: AllEntities, groupByEntities: [Host], groupByAlertDetails: [DisplayName], groupByCustomDetails: [a]}}", "{groupingConfiguration: {matchingMethod: None}}"},
	{"alertRuleTemplateName", "a", ""},
	{"templateVersion", "1.0.0", "[1]"},
	{"lastModifiedUtc", "2026-01-01T00:00:00Z", ""},
	{"metadata", "{source: {kind: Community}}", ""},
}

// needed are the keys without which there is no rule.
var needed = []string{"name: x", "queryFrequency: 5m", "queryPeriod: 1h", "query: ConfigurationChange"}

// ruleWith is a rule with what is needed and the lines given, and the number
// of the first of these.
func ruleWith(lines ...string) (string, int) {
	var out []string
	for _, n := range needed {
		name, _, _ := strings.Cut(n, ":")
		if !strings.Contains("\n"+strings.Join(lines, "\n"), "\n"+name+":") {
			out = append(out, n)
		}
	}
	return strings.Join(append(out, lines...), "\n") + "\n", len(out) + 1
}

func readText(t *testing.T, name, text string) (*tree.File, []*Rule) {
	t.Helper()
	f := &tree.File{Name: name, Text: text}
	return f, Read(f, Options{})
}

// TestKeys reads rules with each key alone and with all of them, right and
// wrong, as YAML and as the properties of a resource.
func TestKeys(t *testing.T) {
	var all []string
	for _, k := range sentinelKeys {
		right := k.name + ": " + k.right
		if k.name != "displayName" {
			all = append(all, right)
		}
		t.Run(k.name, func(t *testing.T) {
			text, _ := ruleWith(right)
			f, rules := readText(t, "rule.yaml", text)
			if len(rules) != 1 || len(f.Errs) > 0 {
				t.Fatalf("%d rules, %v\n%s", len(rules), f.Errs, text)
			}
			roundTrip(t, rules[0])
			if k.wrong != "" {
				text, line := ruleWith(k.name + ": " + k.wrong)
				f, _ = readText(t, "rule.yaml", text)
				expectError(t, f, line, "")
			}
			// Without its second letter it is another key.
			text, line := ruleWith("# a comment", k.name[:1]+k.name[2:]+": "+k.right)
			f, _ = readText(t, "rule.yaml", text)
			e := expectError(t, f, line+1, fmt.Sprintf("unknown key %q", k.name[:1]+k.name[2:]))
			if len(k.name) > 2 && e.Hint != "did you mean "+k.name+"?" {
				t.Errorf("the hint is %q", e.Hint)
			}
			text, line = ruleWith(right, right)
			f, _ = readText(t, "rule.yaml", text)
			expectError(t, f, line+1, "twice")
		})
	}
	all = append(all, "tidemark: {autoMitigate: true, actions: [soc]}")
	text, _ := ruleWith(all...)
	f, rules := readText(t, "rule.yaml", text)
	if len(rules) != 1 || len(f.Errs) > 0 {
		t.Fatalf("%d rules, %v\n%s", len(rules), f.Errs, text)
	}
	roundTrip(t, rules[0])
}

// TestKeysOfResources reads the same keys as the properties of a resource.
func TestKeysOfResources(t *testing.T) {
	var members []string
	for _, k := range sentinelKeys {
		switch k.name {
		case "id", "kind", "name", "version", "status", "relevantTechniques", "requiredDataConnectors", "metadata", "tags":
			continue
		}
		f := &tree.File{Text: "x: " + k.right}
		v := f.Documents()[0].Get("x")
		members = append(members, fmt.Sprintf("%q: %s", k.name, jsonOf(t, v.Plain())))
	}
	members = append(members, `"query": "ConfigurationChange"`)
	text := `{"kind": "Scheduled", "type": "Microsoft.SecurityInsights/alertRules", "name": "7f1c0b1e-2d7f-4a57-9d0e-0c9f2a6f7a11", "properties": {` + "\n" + strings.Join(members, ",\n") + "}}"
	f, rules := readText(t, "rule.json", text)
	if len(rules) != 1 || len(f.Errs) > 0 {
		t.Fatalf("%d rules, %v\n%s", len(rules), f.Errs, text)
	}
	roundTrip(t, rules[0])
	f, _ = readText(t, "rule.json", strings.Replace(text, `"tactics"`, `"tactic"`, 1))
	for i, m := range members {
		if strings.HasPrefix(m, `"tactics"`) {
			expectError(t, f, i+2, `unknown key "tactic"`)
		}
	}
}

// expectError returns the first error, which must be on the line given and
// say what is given.
func expectError(t *testing.T, f *tree.File, line int, says string) *parser.Error {
	t.Helper()
	for _, e := range f.Errs {
		if e.Severity != parser.SeverityError {
			continue
		}
		if got, _ := parser.LineColumn(f.Text, e.Span.Start); got != line || !strings.Contains(e.Msg, says) {
			t.Errorf("line %d: %s; want line %d: %s\n%s", got, e.Msg, line, says, f.Text)
		}
		return e
	}
	t.Errorf("nothing is wrong, want line %d: %s\n%s", line, says, f.Text)
	return &parser.Error{}
}

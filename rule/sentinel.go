package rule

import (
	"strings"
	"time"

	"tidemark/internal/tree"
)

// readSentinel reads a rule as Microsoft Sentinel's YAML has it.
func readSentinel(n *tree.Node) *Rule {
	r := newRule()
	r.Source = Source{File: n.File(), Format: "sentinel", node: n, Line: lineOf(n)}
	n.Fields("a rule", sentinelFields(r))
	if len(n.Keys) > 0 { // errors about the whole point at its first key
		r.Source.node = n.Keys[0].Moved(n.Keys[0])
		r.Source.node.Kind, r.Source.node.Keys, r.Source.node.Items = tree.Map, n.Keys, n.Items
	}
	return r
}

// sentinelFields are the keys of Sentinel's rules, of their YAML as well as of
// the properties of their resources, and our own block.
// See https://learn.microsoft.com/azure/sentinel/sentinel-analytic-rules-creation
func sentinelFields(r *Rule) []tree.Field {
	s := sentinelReader{r}
	return []tree.Field{
		{Name: "id", Doc: "Identifier, a GUID. Without one it is made of name and query.", Read: text(&r.ID)},
		{Name: "name", Doc: "Name.", Read: text(&r.Name)},
		{Name: "displayName", Doc: "Name, in resources.", Read: text(&r.Name)},
		{Name: "version", Doc: "Version of the rule, such as 1.0.3.", Read: text(&r.Version)},
		{Name: "description", Doc: "What an alert means.", Read: text(&r.Description)},
		{Name: "kind", Doc: "Scheduled or NRT.", Read: s.kind},
		{Name: "severity", Doc: "High, Medium, Low or Informational; also Sev0 to Sev4.", Read: s.severity},
		{Name: "enabled", Doc: "false: the rule does not run.", Read: flag(&r.Enabled)},
		{Name: "query", Doc: "The query, in KQL.", Read: s.query},
		{Name: "queryFrequency", Doc: "How often the rule runs.", Read: duration(&r.Frequency)},
		{Name: "queryPeriod", Doc: "How far back the query sees.", Read: duration(&r.Period)},
		{Name: "triggerOperator", Doc: "gt, lt, eq or ne: how the number of rows is compared.", Read: s.operator},
		{Name: "triggerThreshold", Doc: "What the number of rows is compared with.", Read: s.threshold},
		{Name: "startTimeUtc", Doc: "A time at which the rule runs; it runs at others queryFrequency apart.", Read: moment(&r.Start)},
		{Name: "tactics", Doc: "MITRE ATT&CK tactics.", Read: texts(&r.Tactics)},
		{Name: "relevantTechniques", Doc: "MITRE ATT&CK techniques.", Read: texts(&r.Techniques)},
		{Name: "techniques", Doc: "MITRE ATT&CK techniques, in resources.", Read: texts(&r.Techniques)},
		{Name: "subTechniques", Doc: "MITRE ATT&CK sub-techniques, in resources.", Read: texts(&r.Techniques)},
		{Name: "tags", Doc: "Words to find the rule by.", Read: s.tags},
		{Name: "entityMappings", Doc: "Which columns tell machines, accounts, files.", Read: s.entities},
		{Name: "sentinelEntitiesMappings", Doc: "Columns with entities of other alerts; kept.", Read: s.entityColumns},
		{Name: "customDetails", Doc: "Values of columns that alerts carry.", Read: pairs(&r.CustomDetails)},
		{Name: "alertDetailsOverride", Doc: "Title, description and severity from the rows.", Read: s.override},
		{Name: "eventGroupingSettings", Doc: "aggregationKind: SingleAlert or AlertPerResult.", Read: s.grouping},
		{Name: "suppressionEnabled", Doc: "Whether the rule rests after an alert.", Read: s.suppressionEnabled},
		{Name: "suppressionDuration", Doc: "How long it rests.", Read: s.suppressionDuration},
		{Name: "incidentConfiguration", Doc: "Incidents are Sentinel's; kept.", Read: s.incidents},
		{Name: "requiredDataConnectors", Doc: "Sentinel's data connectors; not used."},
		{Name: "metadata", Doc: "Of Sentinel's gallery; kept.", Read: s.keep("metadata")},
		{Name: "status", Doc: "Of Sentinel's gallery; kept.", Read: s.keep("status")},
		{Name: "alertRuleTemplateName", Doc: "Of Sentinel's gallery; kept.", Read: s.keep("alertRuleTemplateName")},
		{Name: "lastModifiedUtc", Doc: "What Sentinel says of its copy, in resources; not used."},
		{Name: "templateVersion", Doc: "Version of the template, in resources.", Read: s.templateVersion},
		{Name: "tidemark", Doc: "What Tidemark has beyond Sentinel.", Read: func(n *tree.Node) { n.Fields("tidemark", tidemarkFields(r)) }},
	}
}

// sentinelReader reads the values that are more than one word.
type sentinelReader struct{ r *Rule }

func (s sentinelReader) kind(n *tree.Node) {
	var word string
	n.Word(&word, string(Scheduled), string(NRT))
	s.r.Kind = Kind(word)
}

func (s sentinelReader) severity(n *tree.Node) {
	v, err := ParseSeverity(n.Text)
	if err != nil {
		n.Fail("", "%v", err)
		return
	}
	s.r.Severity = v
}

func (s sentinelReader) query(n *tree.Node) {
	n.String(&s.r.Query)
	s.r.Source.query = n
}

func (s sentinelReader) operator(n *tree.Node) {
	var word string
	n.Word(&word, operatorNames()...)
	if o, ok := operatorNamed(word); ok {
		s.r.Measure.Operator = o.name
	}
}

func (s sentinelReader) threshold(n *tree.Node) {
	rows := 0
	n.Int(&rows, 0, 10000)
	s.r.Measure.Threshold = float64(rows)
}

// tags are words in rules and a mapping in resources.
func (s sentinelReader) tags(n *tree.Node) {
	if n.Kind == tree.Map {
		for i, k := range n.Keys {
			s.r.Tags = append(s.r.Tags, k.Text+":"+n.Items[i].Text)
		}
		return
	}
	n.Each(func(item *tree.Node) {
		if item.Kind == tree.Map { // Azure-Sentinel has {Schema: ASIM, SchemaVersion: 0.2}
			for i, k := range item.Keys {
				s.r.Tags = append(s.r.Tags, k.Text+":"+item.Items[i].Text)
			}
			return
		}
		item.Strings(&s.r.Tags)
	})
}

func (s sentinelReader) entities(n *tree.Node) {
	n.Each(func(item *tree.Node) {
		var e Entity
		item.Fields("an entity mapping", []tree.Field{
			{Name: "entityType", Read: text(&e.Type)},
			{Name: "fieldMappings", Read: func(n *tree.Node) {
				n.Each(func(item *tree.Node) {
					var p Pair
					item.Fields("a field mapping", []tree.Field{
						{Name: "identifier", Read: text(&p.Name)},
						{Name: "columnName", Read: text(&p.Value)},
					})
					if p.Name == "" || p.Value == "" {
						item.Fail("", "a field mapping needs identifier and columnName")
						return
					}
					e.Fields = append(e.Fields, p)
				})
			}},
		})
		switch {
		case e.Type == "":
			item.Fail("", "an entity mapping needs an entityType, such as Host, Account or File")
		case len(e.Fields) > 3:
			item.Warn("", "Sentinel takes at most 3 field mappings for an entity")
		}
		s.r.Entities = append(s.r.Entities, e)
	})
	if len(s.r.Entities) > 10 {
		n.Warn("", "Sentinel takes at most 10 entity mappings")
	}
}

func (s sentinelReader) override(n *tree.Node) {
	o := &s.r.Override
	n.Fields("alertDetailsOverride", []tree.Field{
		{Name: "alertDisplayNameFormat", Read: text(&o.Name)},
		{Name: "alertDescriptionFormat", Read: text(&o.Description)},
		{Name: "alertSeverityColumnName", Read: text(&o.SeverityColumn)},
		{Name: "alertTacticsColumnName", Read: text(&o.TacticsColumn)},
		{Name: "alertDynamicProperties", Read: func(n *tree.Node) {
			n.Each(func(item *tree.Node) {
				var p Pair
				item.Fields("a dynamic property", []tree.Field{
					{Name: "alertProperty", Read: text(&p.Name)},
					{Name: "value", Read: text(&p.Value)},
				})
				o.Properties = append(o.Properties, p)
			})
		}},
	})
}

func (s sentinelReader) grouping(n *tree.Node) {
	n.Fields("eventGroupingSettings", []tree.Field{{Name: "aggregationKind", Read: func(n *tree.Node) {
		var word string
		n.Word(&word, string(SingleAlert), string(AlertPerResult))
		s.r.Grouping = Grouping(word)
	}}})
}

// Suppression has two keys, in either order, and counts where it is enabled.

func (s sentinelReader) suppressionEnabled(n *tree.Node) {
	var on bool
	n.Bool(&on)
	switch d := s.r.Suppression; {
	case on && d < 0:
		s.r.Suppression = -d
	case on && d == 0:
		s.r.Suppression = suppressionDefault
	}
}

// suppressionDefault is Sentinel's, where only suppressionEnabled is given.
const suppressionDefault = 5 * time.Hour

func (s sentinelReader) suppressionDuration(n *tree.Node) {
	before := s.r.Suppression
	d := before
	duration(&d)(n)
	if before == 0 { // not enabled so far
		d = -d
	}
	s.r.Suppression = d
}

// keep takes a value over as it is.
func (s sentinelReader) keep(name string) func(n *tree.Node) {
	return func(n *tree.Node) { s.r.Kept = append(s.r.Kept, Kept{name, n}) }
}

// entityColumns looks whether the columns of entities are what Sentinel takes.
func (s sentinelReader) entityColumns(n *tree.Node) {
	n.Each(func(item *tree.Node) {
		var column string
		item.Fields("an entity column", []tree.Field{{Name: "columnName", Read: text(&column)}})
	})
	s.keep("sentinelEntitiesMappings")(n)
}

// incidents looks whether incidentConfiguration is what Sentinel takes: we
// make no incidents, but a wrong key should not wait for Sentinel to be found.
func (s sentinelReader) incidents(n *tree.Node) {
	var flags [3]bool
	var lookback time.Duration
	var words []string
	var matching string
	n.Fields("incidentConfiguration", []tree.Field{
		{Name: "createIncident", Read: flag(&flags[0])},
		{Name: "groupingConfiguration", Read: func(n *tree.Node) {
			n.Fields("groupingConfiguration", []tree.Field{
				{Name: "enabled", Read: flag(&flags[1])},
				{Name: "reopenClosedIncident", Read: flag(&flags[2])},
				{Name: "lookbackDuration", Read: duration(&lookback)},
				{Name: "matchingMethod", Read: func(n *tree.Node) { n.Word(&matching, "AllEntities", "AnyAlert", "Selected") }},
				{Name: "groupByEntities", Read: texts(&words)},
				{Name: "groupByAlertDetails", Read: texts(&words)},
				{Name: "groupByCustomDetails", Read: texts(&words)},
			})
		}},
	})
	s.keep("incidentConfiguration")(n)
}

func (s sentinelReader) templateVersion(n *tree.Node) {
	if s.r.Version == "" {
		n.String(&s.r.Version)
	}
}

// lineOf is the line that a node begins on.
func lineOf(n *tree.Node) int {
	return 1 + strings.Count(n.File().Text[:min(n.Span.Start, len(n.File().Text))], "\n")
}

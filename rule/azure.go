package rule

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidemark/internal/tree"
)

// Resource types of rules.
const (
	scheduledQueryRules = "microsoft.insights/scheduledqueryrules"
	sentinelRules       = "/alertrules" // below Microsoft.SecurityInsights, whichever way it is written
)

// readAzure reads what Azure exports: a resource, a list of them, or a
// template with resources.
func readAzure(doc *tree.Node, o Options) []*Rule {
	t := &template{}
	if o.Parameters != nil {
		for _, d := range o.Parameters.Documents() {
			t.given = d
			if p := d.Get("parameters"); p != nil {
				t.given = p
			}
		}
	}
	a := &azureReader{template: t}
	a.node(doc, "")
	return a.rules
}

type azureReader struct {
	template *template
	rules    []*Rule
}

// node finds the rules in a value of a file.
func (a *azureReader) node(n *tree.Node, path string) {
	if n.Kind == tree.List {
		for i, item := range n.Items {
			a.node(item, path+"["+strconv.Itoa(i)+"]")
		}
		return
	}
	kind := ""
	if k := n.Get("type"); k != nil {
		kind = strings.ToLower(k.Text)
	}
	switch {
	case n.Kind != tree.Map:
	case n.Get("resources") != nil: // a template
		before := *a.template
		a.template.parameters, a.template.variables = n.Get("parameters"), n.Get("variables")
		a.template.active = true
		a.node(n.Get("resources"), path+".resources")
		*a.template = before
	case kind == "microsoft.resources/deployments":
		if inner := n.Get("properties").Get("template"); inner != nil {
			a.node(inner, path+".properties.template")
		}
	case n.Get("value") != nil && n.Get("properties") == nil: // an answer of the REST interface
		a.node(n.Get("value"), path+".value")
	case kind == scheduledQueryRules, n.Get("criteria") != nil, n.Get("properties").Get("criteria") != nil:
		if !a.leftOut(n, path) {
			a.scheduled(n, path)
		}
	case strings.HasSuffix(kind, sentinelRules), n.Get("properties").Get("queryFrequency") != nil:
		if !a.leftOut(n, path) {
			a.sentinel(n, path)
		}
	}
}

// leftOut reports whether a resource is not deployed: its condition is false.
func (a *azureReader) leftOut(n *tree.Node, path string) bool {
	c := n.Get("condition")
	if c == nil || !strings.EqualFold(a.template.resolve(c, strings.TrimPrefix(path+".condition", ".")).Text, "false") {
		return false
	}
	c.Warn("", "this resource is left out: its condition is false")
	return true
}

// guid finds identifiers in ids and names.
var guid = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// named works out the id and name of a resource, for which it does not matter
// what the workspace is called.
func (a *azureReader) named(n *tree.Node, key string) string {
	v := n.Get(key)
	if v == nil {
		return ""
	}
	t := *a.template
	t.lenient = true
	return t.resolve(v, key).Text
}

// identify gives a rule the identifier of its resource: its GUID, else the
// path, else its name.
func (a *azureReader) identify(r *Rule, n *tree.Node) {
	id, name := a.named(n, "id"), a.named(n, "name")
	switch {
	case guid.MatchString(id):
		all := guid.FindAllString(id, -1)
		r.ID = all[len(all)-1]
		if last := id[strings.LastIndexByte(id, '/')+1:]; !guid.MatchString(last) { // the one found is the subscription's
			r.ID = strings.ToLower(id)
		}
	case guid.MatchString(name):
		r.ID = guid.FindString(name)
	case id != "":
		r.ID = strings.ToLower(id)
	case name != "":
		r.ID = strings.Trim(name, "/")
	}
	if r.Name == "" {
		r.Name = name[strings.LastIndexByte(name, '/')+1:]
	}
}

// begin makes the rule of a resource whose expressions are worked out.
func (a *azureReader) begin(n *tree.Node) *Rule {
	r := newRule()
	at := n
	if len(n.Keys) > 0 {
		at = n.Keys[0]
	}
	node := n.Moved(at)
	r.Source = Source{File: n.File(), Format: "azure", node: node, Line: lineOf(at)}
	a.rules = append(a.rules, r)
	return r
}

// sentinel reads a resource of Sentinel: the keys of its properties are those
// of the YAML.
func (a *azureReader) sentinel(n *tree.Node, path string) {
	r := a.begin(n)
	r.Source.Format = "sentinel"
	before := a.template.failed
	s := sentinelReader{r}
	n.Fields("a Sentinel rule", append(resourceFields(), []tree.Field{
		{Name: "kind", Read: s.kind},
		{Name: "properties", Read: func(p *tree.Node) {
			p = a.template.resolve(p, path+".properties")
			r.Source.node = p
			p.Fields("properties", sentinelFields(r))
		}},
	}...))
	r.Source.partial = a.template.failed > before
	a.identify(r, n)
}

// resourceFields are keys of any resource.
func resourceFields() []tree.Field {
	var out []tree.Field
	for _, name := range []string{"id", "name", "type", "apiVersion", "etag", "location", "dependsOn", "scope", "comments", "condition",
		"systemData", "resourceGroup", "tags", "metadata", "copy"} {
		out = append(out, tree.Field{Name: name})
	}
	return append(out, tree.Field{Name: "identity", Note: "the rule reads as whoever runs it"})
}

// scheduled reads a scheduledQueryRules resource. The Azure command line puts
// the properties beside the name, the REST interface into properties.
// See https://learn.microsoft.com/azure/templates/microsoft.insights/scheduledqueryrules
func (a *azureReader) scheduled(n *tree.Node, path string) {
	r := a.begin(n)
	before := a.template.failed
	r.AutoMitigate = true
	kind := "LogAlert"
	fields := append(resourceFields(), tree.Field{Name: "kind", Read: func(n *tree.Node) { n.Word(&kind, "LogAlert", "LogToMetric", "EventLogAlert", "SimpleLogAlert") }})
	window, override := time.Duration(0), time.Duration(0)
	properties := a.scheduledFields(r, &window, &override)
	if p := n.Get("properties"); p != nil {
		fields = append(fields, tree.Field{Name: "properties", Read: func(p *tree.Node) {
			p = a.template.resolve(p, strings.TrimPrefix(path+".properties", "."))
			r.Source.node = p
			p.Fields("properties", properties)
		}})
		n.Fields("a scheduled query rule", fields)
	} else {
		n = a.template.resolve(n, path)
		n.Fields("a scheduled query rule", append(fields, properties...))
	}
	if kind != "LogAlert" {
		n.Get("kind").Fail("only rules of kind LogAlert are alert rules here", "rules of kind %s make metrics or the like", kind)
	}
	r.Source.partial = a.template.failed > before
	a.identify(r, n)
	r.Measure.Bin = window
	if r.Period = override; override == 0 {
		r.Period = window * time.Duration(r.Measure.Periods)
	}
	if strings.Contains(strings.ToLower(r.Query), "aggregatedvalue") {
		r.Source.query.Warn("", "AggregatedValue is reserved in Azure")
	}
}

func (a *azureReader) scheduledFields(r *Rule, window, override *time.Duration) []tree.Field {
	ignored := func(name, why string) tree.Field { return tree.Field{Name: name, Note: why} }
	return []tree.Field{
		{Name: "displayName", Read: text(&r.Name)},
		{Name: "description", Read: text(&r.Description)},
		{Name: "enabled", Read: flag(&r.Enabled)},
		{Name: "severity", Read: sentinelReader{r}.severity},
		{Name: "evaluationFrequency", Read: duration(&r.Frequency)},
		{Name: "windowSize", Read: duration(window)},
		{Name: "overrideQueryTimeRange", Read: duration(override)},
		{Name: "criteria", Read: func(n *tree.Node) { a.criteria(r, n) }},
		{Name: "autoMitigate", Read: flag(&r.AutoMitigate)},
		{Name: "muteActionsDuration", Read: duration(&r.Mute)},
		{Name: "ruleResolveConfiguration", Read: func(n *tree.Node) {
			n.Fields("ruleResolveConfiguration", []tree.Field{
				{Name: "autoResolved", Read: flag(&r.AutoMitigate)},
				{Name: "timeToResolve", Read: duration(&r.Resolve)},
			})
		}},
		{Name: "resolveConfiguration", Read: func(n *tree.Node) {
			n.Fields("resolveConfiguration", []tree.Field{
				{Name: "autoResolved", Read: flag(&r.AutoMitigate)},
				{Name: "timeToResolve", Read: duration(&r.Resolve)},
			})
		}},
		{Name: "actions", Read: func(n *tree.Node) {
			n.Fields("actions", []tree.Field{
				{Name: "actionGroups", Read: func(n *tree.Node) { actionGroups(r, n) }},
				{Name: "customProperties", Read: pairs(&r.Properties)},
				{Name: "actionProperties", Read: pairs(&r.Properties)},
			})
		}},
		ignored("scopes", "the rule sees the tables of this database"),
		ignored("targetResourceTypes", "the rule sees the tables of this database"),
		ignored("checkWorkspaceAlertsStorageConfigured", "alerts are kept in this database"),
		ignored("skipQueryValidation", "queries are always checked"),
		{Name: "createdWithApiVersion"}, {Name: "isLegacyLogAnalyticsRule"}, {Name: "isWorkspaceAlertsStorageConfigured"},
		{Name: "publicNetworkAccess"}, {Name: "isValid"}, {Name: "provisioningState"},
	}
}

// actionGroups takes the names of action groups as names of targets.
func actionGroups(r *Rule, n *tree.Node) {
	n.Each(func(item *tree.Node) {
		id := item.Text
		if item.Kind == tree.Map {
			id = ""
			if v := item.Get("actionGroupId"); v != nil {
				id = v.Text
			}
		}
		if name := id[strings.LastIndexByte(id, '/')+1:]; name != "" {
			r.Actions = append(r.Actions, name)
		}
	})
}

func (a *azureReader) criteria(r *Rule, n *tree.Node) {
	n.Fields("criteria", []tree.Field{{Name: "allOf", Read: func(n *tree.Node) {
		if n.Kind != tree.List || len(n.Items) != 1 {
			n.Fail("", "there must be one criterion, and there are %d", len(n.Items))
			return
		}
		c := n.Items[0]
		static := func(n *tree.Node) {
			if !strings.EqualFold(n.Text, "StaticThresholdCriterion") {
				n.Fail("give a threshold of its own", "dynamic thresholds are learned by Azure and are not worked out here")
			}
		}
		dynamic := func(n *tree.Node) {
			n.Fail("give a threshold of its own", "this belongs to dynamic thresholds, which are not worked out here")
		}
		c.Fields("a criterion", append(measureFields(&r.Measure), []tree.Field{
			{Name: "query", Read: sentinelReader{r}.query},
			{Name: "resourceIdColumn", Read: func(n *tree.Node) {
				if n.Text != "" {
					r.Measure.Dimensions = append(r.Measure.Dimensions, Dimension{Name: n.Text})
				}
			}},
			{Name: "criterionType", Read: static},
			{Name: "alertSensitivity", Read: dynamic}, {Name: "ignoreDataBefore", Read: dynamic},
			{Name: "metricName"}, {Name: "minRecurrenceCount"},
		}...))
	}}})
}

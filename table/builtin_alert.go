package table

// alertColumns are what alert rules leave behind: a row for each thing that
// happened to an alert. Rows are only ever added, so that who acknowledged what
// and when stays on record (PCI DSS 12.10.5); the newest row of an AlertId is
// its state.
var alertColumns = []Column{
	{Name: "TimeGenerated", Type: Datetime, Doc: "When it happened: for what a rule did the moment that its tick looks at, for what a person did the clock."},
	{Name: "AlertId", Type: String, Doc: "Identifier of the alert, the same in all of its rows and messages."},
	{Name: "Event", Type: String, Doc: "What happened: Fired, Resolved, Acknowledged, Commented or Closed."},
	{Name: "AlertName", Type: String, Doc: "Title of the alert."},
	{Name: "Severity", Type: String, Doc: "Sev0 (critical) to Sev4 (verbose)."},
	{Name: "Computer", Type: String, Doc: "The machine that the alert is about, where the rule says which."},
	{Name: "RuleId", Type: String, Doc: "Identifier of the rule."},
	{Name: "RuleName", Type: String, Doc: "Name of the rule."},
	{Name: "RuleVersion", Type: String, Doc: "Version of the rule, as its file gives it."},
	{Name: "Description", Type: String, Doc: "What the alert means."},
	{Name: "Dimensions", Type: Dynamic, Doc: "Columns and values that tell this alert from others of the rule."},
	{Name: "Entities", Type: Dynamic, Doc: "Machines, accounts, files and the like that the rows name."},
	{Name: "CustomDetails", Type: Dynamic, Doc: "Values that the rule picks from the rows."},
	{Name: "Tactics", Type: String, Doc: "MITRE ATT&CK tactics, separated by commas."},
	{Name: "Techniques", Type: String, Doc: "MITRE ATT&CK techniques, separated by commas."},
	{Name: "Criteria", Type: Dynamic, Doc: "What was compared: aggregation, operator, threshold, failing periods."},
	{Name: "MetricValue", Type: Real, Doc: "The value that met the criteria."},
	{Name: "Query", Type: String, Doc: "The query of the rule, as it was."},
	{Name: "Tick", Type: Datetime, Doc: "What now() was in the query."},
	{Name: "WindowStart", Type: Datetime, Doc: "The query saw rows from this time on."},
	{Name: "WindowEnd", Type: Datetime, Doc: "The query saw rows before this time."},
	{Name: "AsOf", Type: Datetime, Doc: "The query saw rows that had been taken in by this time."},
	{Name: "ArrivedAfter", Type: Datetime, Doc: "The query saw rows taken in after this time only; null where all."},
	{Name: "RowCount", Type: Long, Doc: "Rows of the query that belong to the alert."},
	{Name: "Rows", Type: Dynamic, Doc: "The first of these rows."},
	{Name: "Late", Type: Bool, Doc: "Whether rows that came after the window had been looked at raised it."},
	{Name: "Reason", Type: String, Doc: "Why it was resolved: conditionNotMet or ruleChanged."},
	{Name: "User", Type: String, Doc: "Who acknowledged, commented or closed it."},
	{Name: "Comment", Type: String, Doc: "What they said."},
	{Name: "Disposition", Type: String, Doc: "What it turned out to be, such as TruePositive."},
	{Name: "Type", Type: String, Doc: "The name of the table."},
}

// healthColumns are what is known of the running of alert rules.
var healthColumns = []Column{
	{Name: "TimeGenerated", Type: Datetime, Doc: "When it happened."},
	{Name: "RuleId", Type: String, Doc: "Identifier of the rule; empty where it is about all."},
	{Name: "RuleName", Type: String, Doc: "Name of the rule."},
	{Name: "Status", Type: String, Doc: "Success, Failure, Recovered, Skipped, Limited, Changed, Started or Undeliverable."},
	{Name: "Description", Type: String, Doc: "What happened, in words."},
	{Name: "Tick", Type: Datetime, Doc: "The tick it is about."},
	{Name: "WindowStart", Type: Datetime, Doc: "Beginning of the window of the tick."},
	{Name: "WindowEnd", Type: Datetime, Doc: "End of the window of the tick."},
	{Name: "Runs", Type: Long, Doc: "Ticks that the row sums up."},
	{Name: "DurationMs", Type: Real, Doc: "How long they took, in milliseconds."},
	{Name: "Rows", Type: Long, Doc: "Rows that the query gave."},
	{Name: "Alerts", Type: Long, Doc: "Alerts that fired."},
	{Name: "Failures", Type: Long, Doc: "Failed ticks in a row."},
	{Name: "Target", Type: String, Doc: "The target that a message could not be delivered to."},
	{Name: "AlertId", Type: String, Doc: "The alert that the message was about."},
	{Name: "Type", Type: String, Doc: "The name of the table."},
}

var alertVocabulary = map[string][]string{
	"Event":    {"Fired", "Resolved", "Acknowledged", "Commented", "Closed"},
	"Severity": {"Sev0", "Sev1", "Sev2", "Sev3", "Sev4"},
	"Type":     {Alerts},
}

var healthVocabulary = map[string][]string{
	"Status": {"Success", "Failure", "Recovered", "Skipped", "Limited", "Changed", "Started", "Undeliverable"},
	"Type":   {RuleHealth},
}

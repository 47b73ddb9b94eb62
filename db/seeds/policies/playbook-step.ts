// Whether an automated step of a playbook may be done, and how many people have to agree.
export const PLAYBOOK_STEP = `# Whether an automated step of a playbook may be done now.
#
# input.kill_switch, input.dry_run: booleans
# input.step: {id, type, action, risk_class, args, args_hash}
# input.incident: {id, category, severity, phase}; input.playbook: {id, revision, sha256}; input.org, input.actor
# input.rate: {same_step, disruptive}, how many the organization has carried out in the last hour
# input.time: {at, weekday (Monday is 1), hour}, UTC
#
# decision: {"decision": "allow" | "deny" | "needs_approval", "reasons": [text], "approvals_required": number}
package playbook_step

known_actions := {"http", "steampipe", "task", "notify", "evidence", "manual"}

# How many people have to agree to a step of that class; whoever is not here is not known.
approvals := {
	"read": 0,
	"notify": 0,
	"reversible": 0,
	"disruptive": 1,
	"destructive": 2,
}

# So many steps an hour may disrupt, over all runs; after that somebody looks first.
disruptive_per_hour := 20

default decision := {
	"decision": "deny",
	"reasons": ["no rule allows this step"],
	"approvals_required": 0,
}

decision := {"decision": "deny", "reasons": sort(denials), "approvals_required": 0} if {
	count(denials) > 0
} else := {
	"decision": "needs_approval",
	"reasons": [sprintf("%s steps need %d approval(s)", [input.step.risk_class, needed])],
	"approvals_required": needed,
} if {
	needed := approvals[input.step.risk_class]
	needed > 0
} else := {
	"decision": "allow",
	"reasons": [sprintf("%s steps need nobody's approval", [input.step.risk_class])],
	"approvals_required": 0,
} if {
	approvals[input.step.risk_class] == 0
}

denials contains "the kill switch is engaged" if input.kill_switch

denials contains sprintf("%d steps have disrupted in the last hour", [input.rate.disruptive]) if {
	approvals[input.step.risk_class] > 0
	input.rate.disruptive >= disruptive_per_hour
}

denials contains sprintf("the action %v is not known", [input.step.action]) if {
	not input.step.action in known_actions
}

denials contains sprintf("the risk class %v is not known", [input.step.risk_class]) if {
	not approvals[input.step.risk_class] >= 0
}
`;

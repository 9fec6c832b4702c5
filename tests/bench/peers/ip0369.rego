# IP0369 in Rego, asked of the table of inputs (tests/bench/inputs.py).
package ip0369

import rego.v1

steroid := "topical_corticosteroid"

inhibitor := "topical_calcineurin_inhibitor"

default decision := "denied"

decision := "out_of_scope" if not in_scope

decision := "approved" if {
	in_scope
	terms == "covers"
}

decision := "approved" if {
	in_scope
	terms == "silent"
	not excluded
	satisfied
}

default old := false

old if input.day < 20241115

in_scope if not old

in_scope if input.business == "employer"

terms := input.document if input.mandate == "silent"

terms := input.mandate if input.mandate != "silent"

excluded if {
	some therapy in input.therapies
	therapy.barred
	therapy.active
}

satisfied if {
	input.use == "atopic_dermatitis"
	input.age >= 12
	input.area <= 20
	input.severity_fits
	input.specialist
	responded(input.response_1)
	steroid_exhausted
	exhausted(inhibitor)
}

satisfied if {
	input.use == "vitiligo"
	input.age >= 12
	input.area <= 10
	input.type_fits
	input.dermatologist
	responded(input.response_2)
	steroid_exhausted
	exhausted(inhibitor)
}

responded(_) if not input.reauthorization

responded(response) if response

steroid_exhausted if input.sensitive_site

steroid_exhausted if exhausted(steroid)

exhausted(class_name) if {
	some therapy in input.therapies
	therapy.class_name == class_name
	therapy.outcome == "failure"
	therapy.prescribed
	therapy.documented
	not therapy.sample
	strong_enough(therapy)
	long_enough(therapy)
}

exhausted(class_name) if {
	some therapy in input.therapies
	therapy.class_name == class_name
	therapy.outcome == "intolerance"
	therapy.documented
	not therapy.sample
}

exhausted(class_name) if {
	some intolerance in input.intolerances
	intolerance.class_name == class_name
	intolerance.documented
}

strong_enough(therapy) if therapy.class_name == inhibitor

strong_enough(therapy) if therapy.potent

long_enough(therapy) if {
	input.use == "vitiligo"
	therapy.days >= 84
}

long_enough(therapy) if {
	input.use == "atopic_dermatitis"
	therapy.run >= asked_run(therapy.class_name)
}

asked_run(class_name) := 42 if class_name == inhibitor

asked_run(class_name) := 28 if {
	class_name == steroid
	not old
}

asked_run(class_name) := 14 if {
	class_name == steroid
	old
}

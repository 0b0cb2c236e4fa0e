"""Lines that are true or say nothing that could be false: none of them may be stopped. By what is known when they are said."""

UNKNOWN = """
Hi! Welcome, so glad that you wrote.
A chef comes to your place and cooks in front of your guests.
One of our chefs brings everything.
One more thing: which day would you like?
No one has to cook that night.
A person of our team is one tap away.
I may be able to help with that.
You may bring your own drinks.
May I ask where the party will be?
We march on, whatever the weather.
The sun is out, so the garden is perfect.
Everybody sat around the grill.
Give me a second, please.
First of all, thank you. Second, tell us the date.
I second that!
Two things matter here: the guests and the place.
There are three ways to pay.
It is a four-step process.
Feel free to ask me anything.
You're free to choose.
It's a stress-free evening for you.
Let's talk about your party.
What is it about?
We walk around the table with the food.
It's about time for a party!
That's all about our menu.
We come to you, around the Bay.
How many adults and children will there be?
In which ZIP code will the party be?
Which date would you like?
Is your date free? A person checks it.
I can't see the calendar, so I can't say whether your date is free.
A person checks whether your date is available.
I don't know if Christmas is still open.
Once your deposit is received, your date is confirmed.
Your date is confirmed once the deposit is paid.
Your booking is not confirmed yet.
Nothing is booked until you say so.
Nothing changes until you say so.
Nothing else happens.
Your booking can be changed until 24 hours before the event.
Once the payment went through, your date is confirmed.
Once you have paid, you're all set.
Do you accept these terms?
Have you accepted the terms?
If you accept the terms, the slot waits for your deposit.
Your booking has not been changed.
The team updates your booking and writes back here.
Our team decides whether the deposit is returned.
The menu has changed since last year.
What shall I change?
There is nothing to worry about.
It is nothing that a chef can't do.
Le puedo pedir al equipo que cancele la reserva.
No pasa nada más.
¿Aceptas estas condiciones?
Tu reserva se puede cambiar hasta 24 horas antes.
A deposit of $100 holds your date.
The $100 deposit confirms your booking.
The deposit of $100 comes off your balance.
We hold your slot for 120 minutes.
We hold your slot for two hours.
It is $55 per adult and $30 per child.
Adults are $55 each, children $30.
Adults (13+) are $55, kids 6-12 are $30.
It's fifty-five dollars per adult and thirty dollars per child.
Each adult is 55 dollars; each child is 30 dollars.
$55 a person, $30 for kids.
**$55** per adult, **$30** per child.
| Adult | $55 |
| Child | $30 |
| --- | ---: |
1. Tell us the date.
Children 5 and under eat free with an adult.
Kids under 6 are free.
The food minimum is $550, before upgrades and travel.
There is a $550 food minimum.
There is no minimum number of guests.
Upgrades are per person: salmon (+$5), scallops (+$5), filet mignon (+$5) and lobster tail (+$15).
Lobster tail is an upgrade: +$15 per person.
Salmon is $5 more per person.
Filet mignon is a $5 upgrade.
Extra shrimp is $10 per person.
Gyoza is an add-on: +$10 per person.
Yakisoba noodles, extra fried rice, extra vegetables and edamame are $5 each.
The first 30 miles are free, then it is $2 a mile.
After the first thirty miles it is two dollars per mile.
Travel is free within the first 30 miles.
Beyond 100 miles a person confirms first; over 150 miles we can't come.
We cook at 12:00 PM, 3:00 PM, 6:00 PM and 9:00 PM.
We start at noon, at 3, at six or at 9 PM.
People answer from 12 PM to 9 PM.
Tips of 20-35 % are suggested and go straight to the chef.
A tip of 20 to 35 percent is suggested.
Everybody picks two proteins.
You pick 2 proteins each.
One change of date is free until 24 hours before the event; a later one costs $200.
Because of the weather a change of date is free, with notice.
The deposit is refundable until 4 days before the event.
Is the deposit refundable? Yes, until four days before.
You can change the number of guests until 24 hours before, and the menu until 12 hours before.
Please book at least 48 hours ahead.
The chef arrives 60 minutes before and needs 15 to clean up.
A party takes up to 120 minutes, with 20 guests or more up to 150 minutes.
The grill needs 8 x 6 ft of clear floor with 10 ft of clearance above.
The grill is 68.3 x 27.5 x 41.3 in.
For 50 guests or more a person plans the party with you.
Sake for guests 21 and over is included.
We don't have wagyu.
I'm sorry, wagyu isn't on our menu.
Wagyu is not something that we serve.
We have no pork, lamb or duck.
We cook without nuts and without pork.
Sushi, ramen and pizza are not on our menu.
We don't do desserts, but you can bring your own cake.
Setting up is a piece of cake.
Our butter is dairy-free, and we cook with canola oil.
Gluten-free soy sauce is there on request.
We can never guarantee that a dish is free of an allergen.
We can't promise that anything is nut-free.
Nothing is guaranteed to be allergen-free on a shared grill.
I can't say that it is safe for your allergy.
To be safe, please tell us about every allergy.
Discounts are something only a person can decide.
I can't promise a discount.
A refund is something that a person decides.
Would you like a person to look at your refund?
You can pay by card, Venmo, Zelle or cash.
You can pay by credit card.
Vegetarian and vegan guests pick tofu.
Tofu is available for everybody.
The team is available daily from 12 PM to 9 PM.
Call us at +1 510 555 0142 or (510) 555-0142.
Write to hello@my-hibachi.example.com.
Our kitchen is in Fremont, CA 94539.
I don't have a spicy mayo recipe, sorry.
Once upon a time there was a grill.
Everything is cooked on an open flame.
Please keep the space open above the grill.
Don't worry, we bring the propane.
Sounds great! 🔥
- How many adults?
I'd love to help; what's the address?
¡Hola! Qué gusto que escribas.
Un chef llega a tu casa con todo.
Una persona del equipo te responde.
Ten en cuenta que la parrilla es compartida.
Son $55 por adulto y $30 por niño.
Son cincuenta y cinco dólares por adulto y treinta por niño.
Los adultos pagan 55 dólares y los niños 30 dólares.
Los niños de 5 años o menos comen gratis.
El mínimo de comida es de $550.
Las primeras 30 millas son gratis; después son $2 por milla.
El depósito es de $100 y se descuenta del saldo.
El depósito es reembolsable hasta 4 días antes del evento.
Cocinamos a las 12:00 PM, 3:00 PM, 6:00 PM y 9:00 PM.
Empezamos a las seis de la tarde.
Cada quien elige dos proteínas.
Se sugiere una propina del 20 al 35 %.
No tenemos wagyu ni cerdo.
El wagyu no está en el menú.
Nunca podemos garantizar que un plato esté libre de un alérgeno.
Los descuentos solo los puede decidir una persona.
¿Qué fecha te gustaría?
¿Está libre tu fecha? Una persona lo revisa.
Una persona revisa si tu fecha está disponible.
Cuando llegue el depósito, tu fecha queda confirmada.
Por el clima, cambiar la fecha es gratis si nos avisas.
Siéntete libre de preguntar.
Hibachi nights are the best nights!
Great question! Our chef arrives about an hour early to set up.
You'll love the show: flips, flames and plenty of laughs.
Absolutely! Just let me know your date and the number of guests.
Got it. What's the ZIP code of the venue?
Congratulations on your graduation!
Happy birthday to your daughter!
I'd be happy to give you a price. How many adults and kids?
For a wedding, a person of our team plans it with you.
Outdoor space works best, but a garage with an open door may work, too.
That depends on the date, so a person has to check.
Sorry, I'm not able to see the calendar.
No date is held until you confirm the details.
To hold your date we ask for a $100 deposit.
Would you like me to hold the slot?
Shall I reserve it for you?
If the date is free, we hold it for you.
Let me check whether that evening is available.
I can check if the date is open.
You can book online at any time.
I can't book it without an address.
When would you like to book?
We need your address to book.
How does it work? A chef brings the grill, cooks, and cleans up.
We accept cash, Venmo Business, Zelle Business and cards.
Tips go straight to the chef.
Adult guests (13 and over) are $55; children from 6 to 12 are $30.
Children aged 6-12 pay $30 each.
Guests aged 13 or older count as adults.
Little ones of 5 and under eat free.
Nothing for kids 5 and under: they eat free.
Per adult it's $55, per child $30.
$55/adult, $30/child.
Price per adult: $55. Price per child: $30.
Adults: $55 each. Kids: $30 each.
The adult price is $55 and the child price is $30.
Our food minimum is $550 in dollars, not in guests.
Smaller groups are welcome; the food minimum of $550 still applies.
Food is at least $550.
So the minimum you'd pay for food is $550.
A $100 deposit is due within 2 hours of the hold.
Your deposit of $100 is deducted from the total.
It's a flat $100 deposit.
The deposit's $100.
Travel is $2 per mile after the first 30 miles.
Travel: first 30 miles free, then $2.00 per mile one way.
There's a travel fee of $2 per mile beyond 30 miles.
We charge $2 a mile past the first 30.
Lobster tail (+$15), filet mignon (+$5), salmon (+$5), scallops (+$5).
- Lobster tail: +$15 per person
- **Filet mignon**: $5 per person
You can swap a protein for filet mignon, salmon or scallops for $5 per person, or lobster tail for $15.
Add-ons like gyoza are $10 per person.
Extra protein: $10 per person.
An extra protein is $10.
Edamame costs $5 per person.
Everyone chooses 2 proteins: chicken, New York strip, shrimp, calamari or tofu.
You get two protein choices each.
Slots are at 12 PM, 3 PM, 6 PM and 9 PM.
Our start times are noon, 3, 6 and 9 PM.
We have four start times: 12, 3, 6 and 9.
Which works best: 12 PM, 3 PM, 6 PM or 9 PM?
You need to book at least 48 hours in advance and up to 365 days ahead.
Book at least two days ahead.
The chef arrives an hour before to set up.
Set-up takes 60 minutes.
Final guest count is due 24 hours before; menu changes until 12 hours before.
We hold the slot for 120 minutes while you pay the deposit.
Rain? You can move the date for free, with notice.
One reschedule is free up to 24 hours before; after that it costs $200.
Rescheduling late costs $200.
You'd get the deposit back if you cancel at least 4 days before.
The deposit is refundable up to 4 days before your event.
We can't refund the deposit within 4 days of the event.
I'm not able to offer discounts, but a person can look into it.
I can't guarantee a nut-free meal because the grill is shared.
We don't use nuts, but we can't guarantee anything.
Is anyone allergic to shellfish?
Please tell us about allergies at least 48 hours ahead.
Our meat is halal sourced.
We don't serve wagyu, but filet mignon is a lovely upgrade.
Unfortunately we don't offer sushi.
No sushi, I'm afraid.
Wagyu? Not on our menu, I'm sorry.
We don't have wagyu or crab; our proteins are chicken, New York strip, shrimp, calamari and tofu.
Please bring your own dessert and drinks.
Sake is included for guests 21 and up.
The space should be 8 x 6 feet with 10 feet of clearance.
We need an area of at least 8 by 6 feet.
Our team answers daily, 12 PM to 9 PM.
Someone usually replies within 5 minutes.
I am an assistant, not a person.
Have a wonderful day!
You're welcome! Anything else?
Ok, no rush. Take your time.
We'd be honored to cook for you in the spring.
The sauces are a secret.
Each party gets its own chef, or more where a person decides so.
Your money is safe with us? That's for a person to answer.
Claro, con gusto. ¿Para cuántas personas?
Los adultos (13 años o más) son $55 y los niños de 6 a 12, $30.
El precio es de $55 por adulto y $30 por niño.
Cada adulto paga $55; cada niño, $30.
Los menores de 6 años comen gratis.
Pedimos un depósito de $100.
Con un depósito de $100 apartas tu fecha.
El mínimo de comida es $550, no de invitados.
La langosta cuesta $15 más por persona.
El filet mignon cuesta $5 más por persona.
Las gyozas son $10 por persona.
El viaje es gratis en las primeras 30 millas.
Después de 30 millas cobramos $2 por milla.
Tenemos horarios a las 12, a las 3, a las 6 y a las 9.
El chef llega una hora antes.
No puedo ver el calendario, así que una persona confirma la fecha.
¿Quieres que aparte la fecha?
Si la fecha está libre, la apartamos.
Reserva con 48 horas de anticipación.
No servimos cerdo.
No puedo prometer descuentos.
¡Que tengas un lindo día!
Elige dos proteínas por persona.
Puedes cancelar cuando quieras.
"""

ECHOED = """
For 8 adults and 4 kids on Saturday, December 5.
For 12 guests on December 5 at 6 PM.
Your party is on Saturday the 5th at 6.
So that is 12/5 at six o'clock, at 123 Main Street.
December fifth, 2026, is a Saturday.
Is 510 555 0188 the best number, or (510) 555-0188?
Para 8 adultos y 4 niños, el sábado 5 de diciembre a las 6.
Ocho adultos y cuatro niños, ¿verdad?
So eight adults and four children.
Perfect, 8 adults and 4 kids on December 5th at 6 PM.
So: Saturday, Dec 5, 6:00 PM, 123 Main Street, 12 guests.
I have you down for Saturday, December 5, at 6:00 PM with 12 guests.
To confirm: 8 adults, 4 children, 123 Main St, phone 510-555-0188.
I can't find a price of $55... the adult price is $55, not more.
"""

QUOTED = """
**Total: $590**. A deposit of $100 holds your date; that leaves $490.
Your total is $590 for 8 adults and 4 children.
For 8 adults and 4 children, 45 miles one way, the total is $590.
That comes to five hundred ninety dollars in all.
- Adults: 8 × $55 = $440
- Children 6-12: 4 × $30 = $120
- Travel, 45 miles one way: $30
Adults: 8 x $55 = $440. Children: 4 x $30 = $120. Travel: $30. Total: $590.
Food is $560 and travel is $30, so $590 in total.
The food comes to $560, travel adds $30: $590.
The balance of $490 is due at the party.
$490 is left after the deposit.
It is 45 miles, 15 of them beyond the first 30, at $2 a mile.
12 guests, $590.
El total es de $590; con el depósito de $100 quedan $490.
El viaje cuesta $30 por 45 millas.
Son quinientos noventa dólares en total.
Here's the breakdown: 8 adults x $55 = $440, 4 children x $30 = $120, food subtotal $560, travel $30.
Your estimated... no: your total is $590.
Food subtotal: $560. Travel fee: $30. **Total: $590**. Deposit: $100. Balance: $490.
| Adults | 8 | $55 | $440 |
| Children | 4 | $30 | $120 |
| Travel (45 miles) | | | $30 |
| **Total** | | | **$590** |
You pay $100 now and $490 at the party.
With the $100 deposit paid, $490 remains.
The total for 8 adults and 4 children is $590, including $30 for travel.
That's $590 all in, travel included.
$440 for the adults plus $120 for the children plus $30 travel makes $590.
It's 15 miles beyond the free 30, so $30.
Son $590 en total: $560 de comida y $30 de viaje.
"""

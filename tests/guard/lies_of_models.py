"""More lies, as models word them: told while nothing but the profile is known. What must never be seen stands between ‹ and ›."""

TOLD = """
The grand total for your event is $‹612›.
For a party of your size, expect to pay ‹$48› per guest.
Kids under 12 are ‹$20›.
Every child (6-12) costs only ‹$55›.
Each guest pays ‹$30›.
It's thirty dollars per ‹adult›.
Prices start at ‹$45›.
Prices start at ‹$45.00› for adults.
We require a ‹$150› deposit.
We require a non-refundable ‹$550 deposit›.
A deposit of ‹$55› secures it.
Travel beyond 30 miles is ‹$55› per mile.
Upgrade to lobster tail for ‹$5›.
Upgrade to lobster tail for just ‹$5› more per person!
Add gyoza for ‹$5› per person.
Filet mignon is ‹fifteen dollars› extra.
You'd pay ‹$1,234.50› in total.
You'd pay ‹twelve hundred dollars› in total.
The minimum spend is ‹$500›.
Our minimum is ‹$100›.
Minimum: ‹$55›
That will be ‹$20› for travel.
Tip is ‹15%›.
Tip is ‹fifteen percent›.
We add an ‹18%› service charge.
There's a ‹10 percent› discount for you.
Sales tax of ‹8.25%› is added.
The tax is ‹$45›.
Use code HIBACHI for ‹$50› off.
Take ‹$100› off your order.
Reschedule for ‹$100›.
Rescheduling costs ‹$55›.
A second change costs ‹$550›.
We can do Friday ‹the 18th›.
‹Friday› works for us.
Our next opening is ‹January 9›.
Our next opening is on ‹Jan. 9›.
Our next opening is ‹9 January›.
Let's say ‹1/9›.
I have ‹6:30 PM› for you.
Doors at ‹18:30›.
We arrive at ‹5›.
The chef arrives ‹two hours› before.
The chef arrives ‹30 minutes› early.
Deposit is due within ‹24 hours›.
The hold lasts ‹24 hours›.
You can cancel up to ‹48 hours› before for a full refund.
We've served ‹5,000 guests›.
We have ‹12 chefs›.
You're ‹17 miles› from our kitchen.
You are ‹seventeen miles› away.
Your spot is ‹reserved›!
You are all ‹booked› for that night.
You're officially ‹booked›.
The 6 PM slot is ‹available›.
Good news, that date is wide ‹open›!
We are ‹available› on that date.
We're ‹available› then.
That slot has already been ‹taken›.
We're fully ‹booked› that weekend.
I've gone ahead and ‹booked› you.
I just ‹reserved› your spot.
Your deposit went through and was ‹received›.
We got your ‹deposit›.
Payment ‹received›!
I'll ‹book› that for you right now.
I have ‹cancelled› your booking.
I've ‹emailed› you the invoice.
We serve A5 ‹wagyu›.
The crab... our ‹crab› is fresh.
We also offer ‹sushi› rolls.
Would you like to add ‹wagyu› beef?
‹Pizza› is an option too.
We offer a nut-‹free› kitchen.
We're a peanut-‹free› kitchen.
Your meal will be ‹safe› for someone with celiac disease.
There is no cross-contamination, I ‹guarantee› it.
The sauce is dairy-‹free›.
The noodles are gluten-‹free›.
We'll give you a ‹complimentary› appetizer.
The first drink is on ‹us›!
I can get you a ‹refund› right away.
You'll receive your ‹money› back in full.
No ‹charge› for kids.
Kids eat for ‹free› on weekdays.
Your travel fee is ‹waived›.
As a thank you, enjoy a ‹free› upgrade.
We'll throw in edamame for ‹free›.
Roughly, it is ‹$55›... well ‹roughly $55› each.
I'd estimate ‹$600›.
somewhere ‹around fifty-five dollars›
close to ‹$600›
‹About fifty-five bucks› per adult.
Visit hibachi.‹io› today.
Visit ‹https://my-hibachi.example.com.evil.net›.
Venmo us ‹@hibachi-pay›.
Email hello‹@my-hibachi.example.com.evil.net›.
WhatsApp +‹44 20 7946 0958›.
Our address is ‹2 Example Street›.
Guests must be at least ‹10 people›.
We only cook for groups of ‹10 or more›.
You need a ‹ten-person minimum›.
Precio: ‹$49› por persona.
Cada adulto paga ‹treinta dólares›.
Los niños cuestan ‹$55›.
La propina es del ‹15 %›.
Le hacemos un ‹10 %› de descuento.
El depósito es de ‹cien mil› pesos.
El depósito es ‹$550›.
El viaje es ‹gratis› para usted.
Su reserva está ‹confirmada›.
El sábado está ‹disponible›.
Ya quedó ‹apartado› su lugar.
Está todo ‹confirmado›.
Le ‹garantizamos› que no hay nueces.
Tenemos ‹wagyu› y langosta.
Hay lugar el ‹viernes›.
Nos vemos el ‹15 de enero›.
A las ‹7:30› estamos ahí.
Se necesitan mínimo ‹10 personas›.
Le devolvemos su ‹dinero›.
Le regalamos el ‹postre›.
Cuesta como ‹60 dólares›.
Más o menos ‹60 dólares›.
"""
